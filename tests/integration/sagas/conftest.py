"""A hub of the example operator beside a network that remembers what it was told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.sagas.look_turns import LookTurns
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from storage.sagas import Saga
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.lines import NETWORK, ONT, facts
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.told_network import ToldNetwork


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def network(tmp_path: Path) -> ToldNetwork:
    return ToldNetwork(tmp_path / "network.sqlite")


@pytest.fixture
def desk(hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages) -> Iterator[Desk]:
    with Desk(hub, NETWORK, network.driver, clock, stages, looks=LookTurns(timedelta())) as opened:
        yield opened


@pytest.fixture
def ordered(operator: LumenValley) -> SagaFacts:
    """An order that the CRM holds open, with a job."""
    books = operator.running.books.crm
    order = next(row for row in books["Order"] if not row["IsDeleted"])
    account = next(row for row in books["Account"] if row["Id"] == order["AccountId"])
    order.update(Status="Scheduled", StatusCode="Activated", Completed_At__c=None)
    job = operator.running.books.field_service["work_orders"][0]
    job["state"] = "on_site"
    return facts(
        order_number=order["OrderNumber"].lstrip("0"),
        account_number=account["AccountNumber"].removeprefix("LV-"),
        work_order_id=job["id"],
    )


@pytest.fixture
def saga(desk: Desk, network: ToldNetwork, ordered: SagaFacts) -> Saga:
    """Its activation, begun; the terminal is plugged in."""
    network.plug(ONT, "1/1/1")
    return begin_saga(desk.hub, "activate", ordered, START)
