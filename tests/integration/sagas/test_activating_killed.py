"""An activation that is broken off wherever it touches disk or wire, and goes on in another process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.workplace import Hub
from storage.effects import effects
from storage.sagas import saga_with
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.fates import DoomedDatabase, DoomedDriver, Fate, Killed
from tests.fakes.lines import NETWORK, facts
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.told_network import ToldNetwork

MOST_POINTS = 200


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=150, months=2) as running:
        yield running


def test_killed_anywhere_it_is_done_once(
    operator: LumenValley, hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages
) -> None:
    books = operator.running.books.crm
    accounts = {row["Id"]: row for row in books["Account"]}
    orders = iter([row for row in books["Order"] if not row["IsDeleted"]])
    points = 0
    for number in range(1, MOST_POINTS):
        order = next(orders)
        order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
        serial = f"CXNK{number:08X}"
        wish = facts(
            number,
            serial,
            order_number=order["OrderNumber"].lstrip("0"),
            account_number=accounts[order["AccountId"]]["AccountNumber"].removeprefix("LV-"),
        )
        saga = begin_saga(hub, "activate", wish, START)
        network.plug(serial, "1/1/1")
        fate = Fate(strikes_at=number)
        doomed = replace(hub, database=DoomedDatabase(hub.database, fate))  # type: ignore[arg-type]
        desk = Desk(doomed, NETWORK, lambda name, fate=fate: DoomedDriver(network.driver(name), fate), clock, stages)  # type: ignore[misc]
        survived = False
        try:
            advance(desk, only=saga.id)
            survived = True
        except Killed:
            points += 1
        with Desk(hub, NETWORK, network.driver, clock, stages) as other:
            for _ in range(6):
                clock.move(minutes=6)
                advance(other)
                drain(hub, clock, stages)
        service = wish.line.service_id
        with hub.database.reading() as connection:
            after = saga_with(connection, saga.id)
            told = [each for each in effects(connection) if each.idempotency_key.startswith(f"{saga.key}/")]
        assert after is not None
        assert (after.state, after.reason and "") == ("done", ""), f"killed at point {number}: {after.reason}"
        assert sorted(network.heard_of(service)) == ["aaa-1", "acs-1", "olt-1"], f"killed at point {number}"
        assert [(each.command, each.state) for each in told] == [
            ("set_customer_status", "done"),
            ("start_billing", "done"),
        ]
        if survived:
            break
    assert points > 20
    assert survived
    assert len(operator.running.write_log.of("billing")) == points + 1
