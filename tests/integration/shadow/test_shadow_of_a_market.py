"""Shadow states what the hub would do before legacy acts, compares once it has, and says nothing twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from canonical_model.errors import ConfigurationError
from handoffs.comparison import Tally
from handoffs.shadow.explanation import Explanation, of_values
from handoffs.stages import HANDOFFS, Handoff
from hub.takeover.shadow.explaining import explain_difference, withdraw
from hub.takeover.shadow.run import ShadowOutcome, shadow_market
from hub.workplace import Hub
from storage.shadow_comparisons import StoredComparison, comparisons_of, tally
from storage.shadow_intents import StoredIntent, stored_intents
from tests.fakes.effects import START
from tests.fakes.ready_orders import MARKET, OrderBook, serials

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
both = pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
LONG_AGO = START - timedelta(days=400)


def looked(hub: Hub, at: datetime) -> ShadowOutcome:
    return shadow_market(hub, MARKET, at, recorded=HANDOFFS)


def intents(hub: Hub, handoff: Handoff) -> list[StoredIntent]:
    with hub.database.reading() as connection:
        return stored_intents(connection, MARKET, handoff)


def compared(hub: Hub, handoff: Handoff, *, history: bool = False) -> list[StoredComparison]:
    with hub.database.reading() as connection:
        return comparisons_of(connection, MARKET, handoff, history=history)


def tallied(hub: Hub, handoff: Handoff, versions: str | None = None) -> Tally:
    with hub.database.reading() as connection:
        return tally(connection, MARKET, handoff, LONG_AGO, versions)


def carried_out(hub: Hub, book: OrderBook, order: str, starts_on: date = date(2026, 11, 6)) -> None:
    """Legacy does what the hub would have done, a day later; billing begins on a day of its own."""
    book.done(order, START + DAY, serials(1)[0], "1/1/1/1")
    book.billed(order, starts_on)
    book.pull(hub, START + DAY)


def explanation(**facts: object) -> Explanation:
    given: dict[str, object] = {
        "market": MARKET,
        "handoff": "field_to_billing",
        "field": "starts_on",
        "owner": "finance",
        "reason": "the old system bills from the day after the visit",
        "expires_at": START + 30 * DAY,
        "by": "ana",
        "at": START + 3 * DAY,
    }
    return Explanation(**(given | facts))  # type: ignore[arg-type]


@both
def test_an_intent_waits_until_legacy_has_acted_and_is_compared_then(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    book.pull(hub)
    looked(hub, START)
    (planned,) = intents(hub, "order_to_provisioning")
    assert (planned.work, planned.state) == (f"order/{order}", "waiting")
    assert {name: planned.fields[name] for name in ("element", "port", "offering", "inner_vlan", "down_mbps")} == {
        "element": "rb-olt-calix",
        "port": "1/1/1",
        "offering": "fiber-500",
        "inner_vlan": 1001,
        "down_mbps": 500,
    }
    assert intents(hub, "field_to_billing") == []

    carried_out(hub, book, order)
    looked(hub, START + 2 * DAY)
    found = {handoff: [each.kind for each in compared(hub, handoff)] for handoff in HANDOFFS}
    assert found == {
        "order_to_provisioning": ["match_after_normalising"],
        "provisioning_to_dispatch": ["match"],
        "dispatch_to_field": ["match_after_normalising"],
        "field_to_billing": ["match"],
    }
    assert [each.state for each in intents(hub, "order_to_provisioning")] == ["compared"]


@both
def test_a_second_pass_says_nothing_new(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    carried_out(hub, book, order, starts_on=date(2026, 11, 20))
    looked(hub, START + 2 * DAY)
    before = {handoff: compared(hub, handoff, history=True) for handoff in HANDOFFS}
    again = looked(hub, START + 2 * DAY + timedelta(minutes=5))
    assert {handoff: compared(hub, handoff, history=True) for handoff in HANDOFFS} == before
    assert all(not each.compared for each in again.handoffs.values())


def test_a_pass_looks_only_at_what_may_be_otherwise(hub: Hub, book: OrderBook) -> None:
    done, waits = book.order(1), book.order(2)
    carried_out(hub, book, done)
    looked(hub, START + 2 * DAY)
    book.change("ProductOrder", waits, promotion_code="hello")
    book.pull(hub, START + 3 * DAY)
    later = looked(hub, START + 4 * DAY)
    counted = {handoff: (each.looked_at, each.stated) for handoff, each in later.handoffs.items()}
    assert counted["order_to_provisioning"] == (1, 1)
    assert counted["field_to_billing"] == (1, 0)


@both
def test_a_late_event_compares_anew_and_what_was_said_before_stays(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    carried_out(hub, book, order, starts_on=date(2026, 11, 20))
    looked(hub, START + 2 * DAY)
    (first,) = compared(hub, "field_to_billing")
    assert [(each.field, each.kind) for each in first.differences] == [("starts_on", "legacy_wrong")]
    assert first.differences[0].evidence == {"completion_on": "2026-11-06", "network_since": "2026-11-06"}

    book.billed(order, date(2026, 11, 6))
    book.pull(hub, START + 3 * DAY)
    looked(hub, START + 3 * DAY + HOUR)
    assert [each.kind for each in compared(hub, "field_to_billing")] == ["match"]
    history = compared(hub, "field_to_billing", history=True)
    assert [(each.kind, each.superseded_at) for each in history] == [
        ("match", None),
        ("legacy_wrong", START + 3 * DAY + HOUR),
    ]


def test_a_tier_that_the_network_was_not_sold_is_legacys_mistake(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    book.pull(hub)
    looked(hub, START)
    book.done(order, START + DAY, serials(1)[0], "1/1/1/1", profile="1000/1000")
    book.pull(hub)
    looked(hub, START + 2 * DAY)
    (found,) = compared(hub, "order_to_provisioning")
    crossed = next(each for each in found.differences if each.field == "offering")
    assert (crossed.kind, crossed.intent, crossed.observed) == ("legacy_wrong", "fiber-500", "fiber-1000")
    assert crossed.evidence["completion_offering"] == "fiber-500"


@both
def test_what_legacy_does_not_do_in_time_is_unknown(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    book.pull(hub)
    looked(hub, START)
    assert tallied(hub, "order_to_provisioning").waiting == 1
    looked(hub, START + 50 * DAY)
    (found,) = compared(hub, "order_to_provisioning")
    assert (found.work, found.kind) == (f"order/{order}", "unknown")
    assert [each.state for each in intents(hub, "order_to_provisioning")] == ["lapsed"]
    assert tallied(hub, "order_to_provisioning").waiting == 0


def test_an_order_that_is_called_off_is_waited_for_no_longer(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    book.pull(hub)
    looked(hub, START)
    book.state(order, "cancelled")
    book.pull(hub)
    looked(hub, START + DAY)
    assert tallied(hub, "order_to_provisioning").counts == {}


@both
def test_what_a_person_explains_counts_as_explained_until_its_end(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    serial, job = serials(1)[0], f"wo-{order}"
    book.done(order, START + 2 * DAY + 12 * HOUR, serial, "1/1/1/1")
    book.change("FieldCompletion", job, completed_at=START + 3 * DAY)  # the evening before, it was up already
    book.billed(order, date(2026, 11, 9))
    book.pull(hub)
    looked(hub, START + 4 * DAY)
    (found,) = compared(hub, "field_to_billing")
    assert [(each.field, each.kind, each.critical) for each in found.differences] == [("starts_on", "unknown", True)]
    assert tallied(hub, "field_to_billing").critical == 1

    condition = of_values("field_to_billing", "starts_on", "2026-11-07", "2026-11-09")
    at = START + 4 * DAY + timedelta(hours=1)
    kept = explain_difference(hub, explanation(condition=condition, at=at))
    looked(hub, at + timedelta(hours=1))
    (explained,) = compared(hub, "field_to_billing")
    assert (explained.kind, explained.differences[0].explained_by) == ("explained", kept.number)
    assert tallied(hub, "field_to_billing").critical == 0

    looked(hub, START + 31 * DAY)
    assert [each.kind for each in compared(hub, "field_to_billing")] == ["unknown"]


def test_an_explanation_that_is_withdrawn_explains_nothing(hub: Hub, book: OrderBook) -> None:
    kept = explain_difference(hub, explanation())
    withdraw(hub, MARKET, kept.number, "ana", START + 4 * DAY)
    with pytest.raises(ConfigurationError, match="no explanation"):
        withdraw(hub, MARKET, kept.number, "ana", START + 5 * DAY)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"owner": " "}, "needs an owner"),
        ({"reason": ""}, "needs a reason"),
        ({"expires_at": START}, "needs an end"),
        ({"field": "start_day"}, "compares no field start_day"),
        ({"condition": "observed_start = 1"}, "no column observed_start"),
    ],
)
def test_an_explanation_needs_an_owner_an_end_and_something_to_explain(
    hub: Hub, facts: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        explain_difference(hub, explanation(**facts))


def test_a_tally_counts_one_version_or_all(hub: Hub, book: OrderBook) -> None:
    order = book.order(1)
    carried_out(hub, book, order)
    looked(hub, START + 2 * DAY)
    (found,) = compared(hub, "field_to_billing")
    assert tallied(hub, "field_to_billing", found.versions).counts == {"match": 1}
    assert tallied(hub, "field_to_billing", "another").counts == {}


def test_only_handoffs_whose_stage_says_so_state_intents(hub: Hub, book: OrderBook) -> None:
    book.order(1)
    book.pull(hub)
    assert shadow_market(hub, MARKET, START).handoffs == {}


@both
def test_two_passes_at_once_say_everything_once(hub: Hub, book: OrderBook) -> None:
    orders = [book.order(number) for number in range(1, 5)]
    for number, order in enumerate(orders):
        book.done(order, START + DAY, serials(6)[number], f"1/1/1/{number + 1}")
        book.billed(order, date(2026, 11, 6 + number))
    book.pull(hub, START + DAY)
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(looked, hub, START + 2 * DAY) for _ in range(4)]:
            each.result()
    for handoff in HANDOFFS:
        works = [each.work for each in compared(hub, handoff)]
        assert sorted(works) == sorted(f"order/{order}" for order in orders)
        assert [each.work for each in intents(hub, handoff)] == sorted(works)
