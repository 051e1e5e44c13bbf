"""Legacy still acts on what the hub has taken over: it is found, shown with its evidence, and never overwritten."""

from datetime import date, timedelta
from typing import Any

import pytest

from canonical_model.billing import Subscription
from canonical_model.errors import ConfigurationError
from canonical_model.network import NetworkObservation
from handoffs.commands import Command, FieldValue
from hub.decision import Decision
from hub.effects.drain import drain
from hub.effects.enqueue import enqueue
from hub.readiness.beginning import begin_ready
from hub.takeover.foreign.finding import decide, find_foreign_writes
from hub.workplace import Hub
from storage.foreign_writes import ForeignDecision, ForeignWrite
from storage.schema.effects import EFFECT
from storage.schema.sagas import SAGA
from tests.fakes.effects import START, HandClock
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import ELEMENT, MARKET, OrderBook, begun, serials
from tests.fakes.taking_over import TakeOver


@pytest.fixture
def dialect() -> str:
    return "sqlite"


def look(hub: Hub, book: OrderBook, clock: HandClock) -> list[ForeignWrite]:
    book.pull(hub)
    return find_foreign_writes(hub, MARKET, clock())


def made_ready(hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock) -> str:
    """An order whose job the hub has made, and whose saga is begun."""
    taking.begin_canary()
    order = book.order(1, ordered_at=clock())
    for _ in range(2):
        book.pull(hub)
        begin_ready(hub, MARKET, clock(), taking.may_act)
        drain(hub, clock, taking.may_act)
    return order


def job_of(operator: LumenValley) -> str:
    (job,) = [row for row in operator.running.books.field_service["work_orders"] if row.get("client_reference")]
    return str(job["id"])


def test_a_second_job_for_an_order_of_the_hub_is_found_once(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock, operator: LumenValley
) -> None:
    order = made_ready(hub, book, taking, clock)
    book.job(job_of(operator), order, created_at=clock(), expected_serial=serials(1)[0])
    assert look(hub, book, clock) == [], "the hub's own job is nobody else's"
    book.job("W-9", order, created_at=clock() + timedelta(minutes=5))

    (found,) = look(hub, book, clock)
    assert (found.handoff, found.kind, found.thing) == ("provisioning_to_dispatch", "job_made", "W-9")
    assert found.evidence == {"work_type": "install", "state": "scheduled", "hub_made": job_of(operator)}
    assert [each.id for each in look(hub, book, clock)] == [found.id]


@pytest.mark.parametrize(
    "facts",
    [
        {"created_at": START - timedelta(days=1)},
        {"state": "cancelled"},
        {"work_type": "repair"},
    ],
    ids=["made_before_the_hub_began", "called_off", "a_repair_months_later"],
)
def test_jobs_that_are_no_second_truck(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock, facts: dict[str, Any]
) -> None:
    order = made_ready(hub, book, taking, clock)
    book.job("W-9", order, **({"created_at": clock()} | facts))

    assert look(hub, book, clock) == []


def test_a_job_of_legacys_order_is_none_of_ours(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    taking.begin_canary()
    order = book.order(1)
    book.job("W-1", order)
    book.job("W-2", order)

    assert look(hub, book, clock) == []


def test_a_job_that_was_rewritten_is_found(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock, operator: LumenValley
) -> None:
    order = made_ready(hub, book, taking, clock)
    book.job(job_of(operator), order, created_at=clock(), expected_serial="ALCL00001234")

    (found,) = look(hub, book, clock)
    assert (found.kind, found.evidence) == (
        "job_changed",
        {"hub_told": serials(1)[0], "shown": "ALCL00001234"},
    )


def test_what_is_still_on_its_way_is_not_judged(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    taking.begin_canary()
    order = book.order(1, ordered_at=clock())
    book.pull(hub)
    begin_ready(hub, MARKET, clock(), taking.may_act)
    book.job("W-9", order, created_at=clock())

    assert look(hub, book, clock) == [], "it may be the job that is being made"


def billed(hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock, reference: str = "S-1", **done: Any) -> str:
    """An order whose billing the hub has begun, as the journal holds it once billing has answered."""
    taking.begin_canary("field_to_billing")
    order = book.order(1, ordered_at=clock())
    book.pull(hub)
    fields: dict[str, FieldValue] = {
        "account_number": "80001",
        "order_number": order,
        "offering_id": "fiber-500",
        "billing_code": "INT-500",
        "starts_on": date(2026, 11, 5),
    }
    start = Command(
        "start_billing", MARKET, "field_to_billing", "account/80001", fields, "SO-1/start", f"order/{order}"
    )
    effect = enqueue(hub, start, clock(), taking.may_act)
    with hub.database.writing() as connection:
        values = {"state": "done", "reference": reference} | done
        connection.execute(EFFECT.update().where(EFFECT.c.id == effect.id).values(**values))
    return order


def subscription(book: OrderBook, name: str, **facts: Any) -> None:
    known = {"account_number": "80001", "billing_code": "INT-500", "state": "active", "starts_on": date(2026, 11, 5)}
    book.say(Subscription, "billing", name, subscription_id=name, **(known | facts))


def test_a_second_subscription_is_found(hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock) -> None:
    billed(hub, book, taking, clock)
    subscription(book, "S-0", starts_on=date(2025, 1, 1))
    subscription(book, "S-1")
    assert look(hub, book, clock) == [], "one that began before the order, and the hub's own"
    subscription(book, "S-2")

    (found,) = look(hub, book, clock)
    assert (found.kind, found.thing, found.handoff) == ("subscription_made", "S-2", "field_to_billing")
    assert found.evidence["hub_began"] == "S-1"


@pytest.mark.parametrize(
    ("facts", "shown"),
    [({"billing_code": "INT-100"}, "INT-100"), ({"state": "closed", "ends_on": date(2026, 11, 20)}, "closed")],
    ids=["another_price", "ended"],
)
def test_a_subscription_that_somebody_else_changed_is_found(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock, facts: dict[str, Any], shown: str
) -> None:
    billed(hub, book, taking, clock)
    subscription(book, "S-1", **facts)

    (found,) = look(hub, book, clock)
    assert (found.kind, found.evidence["shown"]) == ("subscription_changed", shown)


def test_what_another_order_may_have_changed_is_not_judged(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    """An order of another type, outside the cohort, is legacy's to carry out on the same account."""
    billed(hub, book, taking, clock)
    book.order(2, account_number="80001", order_type="change", ordered_at=clock() + timedelta(days=3))
    subscription(book, "S-1", billing_code="INT-1000")

    assert look(hub, book, clock) == []


def test_billing_that_has_not_answered_yet_is_not_judged(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    billed(hub, book, taking, clock, reference="", state="unknown")
    subscription(book, "S-1")

    assert look(hub, book, clock) == []


def test_a_terminal_that_hangs_elsewhere_than_the_hub_left_it_is_found(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    made_ready(hub, book, taking, clock)
    (saga,) = begun(hub)
    serial = serials(1)[0]
    with hub.database.writing() as connection:
        facts = saga.facts.replace('"serial":null', f'"serial":"{serial}"', 1)
        values = {"state": "done", "facts": facts, "changed_at": clock()}
        connection.execute(SAGA.update().where(SAGA.c.id == saga.id).values(**values))
    at = {"serial": serial, "element": ELEMENT, "operational_state": "up"}
    for shown in ("1/1/1", "1/1/1/4"):  # some elements add the number of the terminal on its PON
        book.say(NetworkObservation, ELEMENT, "seen", port=shown, observed_at=clock() + timedelta(hours=1), **at)
        assert look(hub, book, clock) == []
    book.say(NetworkObservation, ELEMENT, "seen", port="1/1/7", observed_at=clock() + timedelta(hours=2), **at)

    (found,) = look(hub, book, clock)
    assert (found.kind, found.work) == ("line_changed", f"order/{saga.order_number}")
    assert found.evidence == {"hub_told": f"{ELEMENT} 1/1/1", "shown": f"{ELEMENT} 1/1/7"}


@pytest.mark.parametrize(
    ("decision", "actor"), [("hub_keeps", "hub"), ("harmless", "hub"), ("legacy_keeps", "legacy")]
)
def test_nobody_goes_on_until_a_person_has_said_who_keeps_the_work(
    hub: Hub,
    book: OrderBook,
    taking: TakeOver,
    clock: HandClock,
    decision: ForeignDecision,
    actor: str,
) -> None:
    order = billed(hub, book, taking, clock)
    subscription(book, "S-2")
    (found,) = look(hub, book, clock)
    asked = taking.may_act(MARKET, "field_to_billing", f"order/{order}")
    assert (asked.actor, asked.reason) == (
        "nobody",
        "somebody else wrote to it: subscription made S-2; say who keeps it",
    )
    assert taking.may_act(MARKET, "field_to_billing", "order/1").actor != "nobody", "others go on"
    decide(hub, found.id or 0, decision, Decision("lee", clock(), "seen"))

    assert taking.may_act(MARKET, "field_to_billing", f"order/{order}").actor == actor


def test_a_person_decides_about_a_foreign_write_once_and_with_a_reason(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    billed(hub, book, taking, clock)
    subscription(book, "S-2")
    (found,) = look(hub, book, clock)
    assert found.id is not None
    with pytest.raises(ConfigurationError, match="needs a reason"):
        decide(hub, found.id, "harmless", Decision("lee", clock()))
    decide(hub, found.id, "legacy_keeps", Decision("lee", clock(), "ordered by telephone"))

    assert look(hub, book, clock) == []
    with pytest.raises(ConfigurationError, match="is decided: legacy_keeps"):
        decide(hub, found.id, "harmless", Decision("lee", clock(), "again"))
    with pytest.raises(ConfigurationError, match="there is no foreign write 99"):
        decide(hub, 99, "harmless", Decision("lee", clock(), "again"))
