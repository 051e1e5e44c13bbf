"""Legacy provisions, the hub bills: it changes nothing in the network, and bills what has proven itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from hub.readiness.beginning import begin_ready
from hub.sagas.desk import Desk
from hub.sagas.look_turns import LookTurns
from hub.takeover.taking_on import TakenOn
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from storage.sagas import Saga
from tests.fakes.completions import HOME, good_job
from tests.fakes.effects import START, HandClock
from tests.fakes.led_sagas import facts_of, led_on
from tests.fakes.lines import NETWORK, ONT, facts
from tests.fakes.ready_orders import ELEMENT, MARKET, OrderBook, journaled
from tests.fakes.taking_over import TakeOver
from tests.fakes.told_network import SESSION_BEGAN, ToldNetwork


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def network(tmp_path: Path) -> ToldNetwork:
    return ToldNetwork(tmp_path / "network.sqlite", access=ELEMENT, aaa="rb-aaa")


@pytest.fixture
def desk(hub: Hub, network: ToldNetwork, clock: HandClock, taking: TakeOver) -> Iterator[Desk]:
    """Looks at the example operator's network, by the checks that a line of a test can show."""
    seen = hub.operator.network.model_copy(update={"verification": NETWORK.verification})
    own = replace(hub, operator=replace(hub.operator, network=seen))
    with Desk(own, seen, network.driver, clock, taking.may_act, looks=LookTurns(timedelta())) as opened:
        yield opened


def job_done(book: OrderBook, order: str, **completion: object) -> None:
    """Everything that field service tells of a job of legacy's that was done as it should be."""
    wish = facts(1, ONT, order_number=order, account_number="80001", work_order_id="W-1")
    for number, record in enumerate(good_job(wish, **completion)):
        if not isinstance(record, ProductOrder | Premise):
            book.records[type(record).__name__, f"job-{number}"] = record


def installed_by_legacy(book: OrderBook, network: ToldNetwork, taking: TakeOver) -> str:
    """An order that legacy has provisioned and installed; the network shows it."""
    place = {"latitude": HOME[0], "longitude": HOME[1]}
    order = book.order(1, ordered_at=taking.clock(), place=place)
    job_done(book, order)
    book.seen(ONT, "1/1/1/4")
    network.plug(ONT, "1/1/1")
    network.tell(ELEMENT, "80001", {"serial": ONT, "enabled": True}, f"{ELEMENT} 1/1/1 4")
    network.tell("rb-aaa", "80001", {"group": "legacy-500"}, f"{ELEMENT} 1/1/1:4")
    return order


def taken_on(hub: Hub, book: OrderBook, taking: TakeOver) -> TakenOn:
    book.pull(hub)
    return begin_ready(hub, MARKET, taking.clock(), taking.may_act).taken_on


def commands(hub: Hub) -> list[tuple[str, str]]:
    return [(each.command, each.state) for each in journaled(hub)]


def test_what_legacy_has_provisioned_is_billed_once_it_is_proven(
    hub: Hub, book: OrderBook, network: ToldNetwork, taking: TakeOver, desk: Desk, clock: HandClock
) -> None:
    taking.begin_canary("field_to_billing")
    order = installed_by_legacy(book, network, taking)
    (saga,) = taken_on(hub, book, taking).begun
    known = facts_of(saga)
    assert (known.line.element, known.line.port, known.line.onu_id, known.line.serial) == (ELEMENT, "1/1/1", 4, ONT)
    assert (known.order_number, known.work_order_id, known.profile.offering_id) == (order, "W-1", "fiber-500")

    held = led_on(desk, saga, clock, rounds=60)
    assert held.step == "release", held.reason
    assert [name for name, _ in commands(hub)] == ["set_customer_status", "start_billing", "close_work_order"]
    assert network.heard() == [], "nothing in the network was changed"
    (start,) = [each for each in journaled(hub) if each.command == "start_billing"]
    assert (start.fields["offering_id"], start.acts_on) == ("fiber-500", f"order/{order}")


def test_it_is_billed_from_when_it_works_and_not_from_when_the_hub_looked(
    hub: Hub, book: OrderBook, network: ToldNetwork, taking: TakeOver, desk: Desk, clock: HandClock
) -> None:
    taking.begin_canary("field_to_billing")
    installed_by_legacy(book, network, taking)
    clock.move(days=3)
    taking.watch("field_to_billing", minutes=600)
    (saga,) = taken_on(hub, book, taking).begun

    held = led_on(desk, saga, clock, rounds=60)
    assert held.step == "release", held.reason
    (start,) = [each for each in journaled(hub) if each.command == "start_billing"]
    assert start.fields["starts_on"] == SESSION_BEGAN.date().isoformat()


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ("completion", "its job is not completed"),
        ("seen", f"no element shows {ONT}"),
        ("port", f"the plant knows no port 9/9/9 of {ELEMENT}"),
    ],
)
def test_what_is_not_there_yet_is_waited_for(
    hub: Hub, book: OrderBook, network: ToldNetwork, taking: TakeOver, lacks: str, why: str
) -> None:
    taking.begin_canary("field_to_billing")
    order = installed_by_legacy(book, network, taking)
    if lacks == "completion":
        book.records = {key: each for key, each in book.records.items() if key[0] != "FieldCompletion"}
    elif lacks == "seen":
        book.records = {key: each for key, each in book.records.items() if key[0] != NetworkObservation.__name__}
    else:
        book.seen(ONT, "9/9/9")

    assert taken_on(hub, book, taking) == TakenOn([], {order: why})


def test_what_legacy_bills_is_left_alone(hub: Hub, book: OrderBook, network: ToldNetwork, taking: TakeOver) -> None:
    installed_by_legacy(book, network, taking)

    assert taken_on(hub, book, taking) == TakenOn()


def test_a_line_that_does_not_work_is_not_billed(
    hub: Hub, book: OrderBook, network: ToldNetwork, taking: TakeOver, desk: Desk, clock: HandClock
) -> None:
    taking.begin_canary("field_to_billing")
    installed_by_legacy(book, network, taking)
    network.unplug(ONT)
    (saga,) = taken_on(hub, book, taking).begun
    held = led_on(desk, saga, clock, rounds=60)

    assert (held.state, held.step) == ("held", "verify")
    assert "start_billing" not in [name for name, _ in commands(hub)]


def test_what_was_begun_is_not_begun_again(hub: Hub, book: OrderBook, network: ToldNetwork, taking: TakeOver) -> None:
    taking.begin_canary("field_to_billing")
    installed_by_legacy(book, network, taking)
    first: list[Saga] = taken_on(hub, book, taking).begun

    assert len(first) == 1
    assert taken_on(hub, book, taking) == TakenOn()
    assert SagaFacts.model_validate_json(first[0].facts).work == f"saga/{first[0].key}"
    assert taking.clock() > START
