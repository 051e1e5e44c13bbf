"""Parts of billing periods that are no calendar months, as reconciliation charges them."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import get_args

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.billing_periods import Anchor, BillingPeriod, billing_periods
from canonical_model.catalogue import Proration, ProrationConvention, RoundingMode
from reconciliation.price_book import FULL_FACTOR
from reconciliation.proration import proration_macros

CONVENTIONS: tuple[ProrationConvention, ...] = get_args(ProrationConvention)
MODES: tuple[RoundingMode, ...] = get_args(RoundingMode)
Prorate = Callable[[int, date, date, BillingPeriod], int]


def prorating(convention: ProrationConvention, mode: RoundingMode, price_scale: int = 1) -> Prorate:
    connection = duckdb.connect()
    for macro in proration_macros(Proration(convention=convention, rounding=mode), price_scale):
        connection.execute(macro)

    def prorated(unit_price: int, start: date, end: date, period: BillingPeriod) -> int:
        row = connection.execute(
            "SELECT typeof(x), x"
            f" FROM (SELECT prorated(?::INTEGER, {FULL_FACTOR}, ?::DATE, ?::DATE, ?::DATE, ?::DATE) AS x)",
            [unit_price, start, end, period.whole.start, period.whole.end],
        ).fetchone()
        assert row is not None
        assert row[0] in {"BIGINT", "HUGEINT", "INTEGER"}, "no binary float"
        return int(row[1])

    return prorated


PRORATED = {(convention, mode): prorating(convention, mode) for convention in CONVENTIONS for mode in MODES}


@st.composite
def periods(draw: st.DrawFn) -> BillingPeriod:
    """A period of an account whose anchor may have changed; a stub or not."""
    told = draw(st.lists(st.tuples(st.dates(date(2023, 6, 1), date(2025, 1, 1)), st.integers(1, 31)), max_size=4))
    anchors: list[Anchor] = [(date(2020, 1, 1), draw(st.integers(1, 31))), *told]
    return draw(st.sampled_from(list(billing_periods(anchors, date(2023, 10, 1), date(2025, 3, 1)))))


@st.composite
def cut_periods(draw: st.DrawFn) -> tuple[BillingPeriod, list[date]]:
    """A period, and days at which it is cut, its first and last included."""
    period = draw(periods())
    inner = draw(st.sets(st.integers(1, max(1, period.days.days - 1)), max_size=5))
    cuts = {period.days.start + timedelta(days=days) for days in inner} | {period.days.start, period.days.end}
    return period, sorted(cuts)


@given(st.integers(-50_000, 50_000), periods(), st.sampled_from(CONVENTIONS), st.sampled_from(MODES))
def test_a_regular_period_costs_the_price_and_a_stub_no_more(
    unit_price: int, period: BillingPeriod, convention: ProrationConvention, mode: RoundingMode
) -> None:
    cost = PRORATED[convention, mode](unit_price, period.days.start, period.days.end, period)

    assert abs(cost) <= abs(unit_price)
    assert cost == unit_price or (period.is_stub and convention != "none")


@given(cut_periods(), st.sampled_from(["actual_actual", "thirty_360"]), st.sampled_from(MODES))
def test_parts_of_a_period_add_up_to_the_whole(
    cut: tuple[BillingPeriod, list[date]], convention: ProrationConvention, mode: RoundingMode
) -> None:
    """At a price of which every part is a whole number of minor units, so that nothing is rounded."""
    period, cuts = cut
    price = 30 * period.whole.days
    prorated = PRORATED[convention, mode]

    parts = [prorated(price, start, end, period) for start, end in pairwise(cuts)]
    assert sum(parts) == prorated(price, period.days.start, period.days.end, period)
    assert min(parts) >= 0


@given(
    st.integers(0, 50_000), cut_periods(), st.sampled_from(("actual_actual", "thirty_360")), st.sampled_from(MODES)
)
def test_rounding_moves_each_part_by_less_than_one_minor_unit(
    unit_price: int, cut: tuple[BillingPeriod, list[date]], convention: ProrationConvention, mode: RoundingMode
) -> None:
    period, cuts = cut
    prorated = PRORATED[convention, mode]

    parts = [prorated(unit_price, start, end, period) for start, end in pairwise(cuts)]
    assert abs(sum(parts) - prorated(unit_price, period.days.start, period.days.end, period)) <= len(parts)


@pytest.mark.parametrize(
    ("convention", "stub_of_16_days_of_march"),
    [("actual_actual", 1600), ("actual_30", 1653), ("thirty_360", 1653), ("none", 3100)],
)
def test_a_stub_is_charged_by_the_length_of_the_regular_period_it_lies_in(
    convention: ProrationConvention, stub_of_16_days_of_march: int
) -> None:
    """31.00 a month from 1 to 17 March, when the anchor becomes 17: 16 days of 31, or of 30."""
    told = [(date(2020, 1, 1), 1), (date(2026, 3, 10), 17)]
    stub = next(one for one in billing_periods(told, date(2026, 1, 1), date(2026, 5, 1)) if one.is_stub)

    assert PRORATED[convention, "half_up"](3100, stub.days.start, stub.days.end, stub) == stub_of_16_days_of_march


def test_a_short_month_without_the_anchor_day_still_has_thirty_days_of_360() -> None:
    """From 31 January to 28 February, cut on the 10th: 10 days and 20."""
    (period,) = billing_periods([(date(2020, 1, 1), 31)], date(2026, 1, 31), date(2026, 3, 1))
    prorated = PRORATED["thirty_360", "half_even"]

    assert prorated(3000, date(2026, 1, 31), date(2026, 2, 10), period) == 1000
    assert prorated(3000, date(2026, 2, 10), date(2026, 2, 28), period) == 2000
