"""Money that a reconciliation has found on works of the hub: its own making, or that of others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import update

from storage.schema.effects import EFFECT
from tests.fakes.acted_works import NOW, ActedWorks, trips_of
from tests.fakes.reconciled_market import finding, reconciled

APRIL = date(2026, 4, 1)


def test_money_that_the_reconciliation_finds_on_works_of_the_hub_is_the_hubs(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub, finding("1", 1999), finding("71", 5000))
        (trip,) = trips_of(hub)
    assert (trip.signal.kind, trip.signal.measured) == ("bill_differs", Decimal("19.99"))
    assert trip.signal.works == ("account/1",)


def test_what_was_billed_wrongly_long_before_is_legacys(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub, finding("1", 1999, since=date(2025, 9, 1)))
        assert trips_of(hub) == []


def test_what_finance_has_settled_is_no_harm_any_more(works: ActedWorks) -> None:
    with works.hub() as hub:
        reconciled(hub, finding("1", 1999), state="recovered")
        assert trips_of(hub) == []


def test_a_bill_that_is_right_and_unpaid_is_no_harm_of_the_hubs(works: ActedWorks) -> None:
    unpaid = replace(finding("1", 1999, rule="RL-G05"), exposure_class="at_risk")
    not_applied = replace(finding("2", -500, rule="RL-G06"), subject_kind="payment")
    with works.hub() as hub:
        reconciled(hub, unpaid, not_applied)
        assert trips_of(hub) == []


def test_who_was_told_of_after_the_last_bills_is_billed_with_the_next_ones(works: ActedWorks) -> None:
    """The line was stopped over the end of a month."""
    later = datetime(2026, 4, 2, 15, tzinfo=UTC)
    works.good(9, day=later, ordered=later - timedelta(days=9))
    unbilled = replace(finding("9", 5800, since=APRIL, rule="RL-A01"), evidence_to=date(2026, 5, 1))
    with works.hub() as hub:
        reconciled(hub, unbilled)
        assert trips_of(hub) == []


def test_what_was_found_before_the_next_bills_says_nothing_of_them(works: ActedWorks) -> None:
    later = datetime(2026, 4, 2, 15, tzinfo=UTC)
    works.good(9, day=later, ordered=later - timedelta(days=9))
    works.operator.line("9", "SLV", date(2026, 4, 2), date(2026, 5, 1), "60.00", "58.00", billed_on=date(2026, 4, 6))
    unbilled = replace(finding("9", 5800, since=APRIL, rule="RL-A01"), evidence_to=date(2026, 5, 1))
    with works.hub() as hub:
        reconciled(hub, unbilled)
        kinds = {trip.signal.kind for trip in trips_of(hub, now=NOW + timedelta(days=2))}
    assert "bill_differs" not in kinds


def test_what_lacks_on_a_bill_is_the_hubs_only_where_it_has_told_billing_of_it(works: ActedWorks) -> None:
    """A gate waits for the day from which it is billed, or legacy bills what the hub has provisioned."""
    unbilled = replace(finding("1", 5800, rule="RL-A01"), evidence_to=date(2026, 5, 1))
    key = "SO-91/activate/1/start_billing"
    with works.hub() as hub:
        reconciled(hub, unbilled)
        assert "bill_differs" in {trip.signal.kind for trip in trips_of(hub)}
        with hub.database.writing() as connection:
            connection.execute(update(EFFECT).values(state="discarded").where(EFFECT.c.idempotency_key == key))
        assert "bill_differs" not in {trip.signal.kind for trip in trips_of(hub)}


def test_who_was_left_out_of_the_next_bills_as_well_is_the_hubs(works: ActedWorks) -> None:
    later = datetime(2026, 4, 2, 15, tzinfo=UTC)
    works.good(9, day=later, ordered=later - timedelta(days=9))
    works.operator.line("71", "SLV", APRIL, date(2026, 4, 4), "60.00", "6.00", billed_on=date(2026, 4, 4))
    unbilled = replace(finding("9", 5800, since=APRIL, rule="RL-A01"), evidence_to=date(2026, 5, 1))
    with works.hub() as hub:
        reconciled(hub, unbilled)
        assert [trip.signal.kind for trip in trips_of(hub)] == ["bill_differs"]
