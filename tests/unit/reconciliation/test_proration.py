"""Parts of a month in DuckDB, as reconciliation computes them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext
from itertools import pairwise
from typing import get_args

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.catalogue import Proration, ProrationConvention, RoundingMode
from canonical_model.intervals import add_months
from canonical_model.money import round_half_up
from reconciliation.price_book import FULL_FACTOR
from reconciliation.proration import proration_macros

CONVENTIONS: tuple[ProrationConvention, ...] = get_args(ProrationConvention)
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)

Prorate = Callable[..., int]

CENTS = st.integers(-50_000, 50_000)
MONTHS = st.dates(date(2020, 1, 1), date(2035, 12, 1)).map(lambda day: day.replace(day=1))


def connected(proration: Proration, price_scale: int = 1) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for macro in proration_macros(proration, price_scale):
        connection.execute(macro)
    return connection


def prorating(convention: ProrationConvention, price_scale: int = 1) -> Prorate:
    connection = connected(Proration(convention=convention), price_scale)

    def prorated(unit_price: int, start: date, end: date, factor: int = FULL_FACTOR) -> int:
        month = start.replace(day=1)
        row = connection.execute(
            "SELECT prorated(?::INTEGER, ?::INTEGER, ?::DATE, ?::DATE, ?::DATE, ?::DATE)",
            [unit_price, factor, start, end, month, add_months(month, 1)],
        ).fetchone()
        assert row is not None
        return int(row[0])

    return prorated


PRORATED = {convention: prorating(convention) for convention in CONVENTIONS}


@pytest.mark.parametrize(
    ("convention", "from_12_january", "from_12_february"),
    [("actual_actual", 5161, 4857), ("actual_30", 5333, 4533), ("thirty_360", 5066, 5066), ("none", 7999, 7999)],
)
def test_a_charge_of_79_99_from_the_twelfth_is_what_each_convention_makes_of_it(
    convention: ProrationConvention, from_12_january: int, from_12_february: int
) -> None:
    prorated = PRORATED[convention]

    assert prorated(7999, date(2026, 1, 12), FEBRUARY) == from_12_january
    assert prorated(7999, date(2026, 2, 12), MARCH) == from_12_february


def test_days_of_a_promotion_that_outlived_its_term_add_up_month_by_month() -> None:
    """Twenty a month that should have ended on 31 March and ran on through 12 July: 20.00 x 3 and 12 days of 31."""
    prorated = PRORATED["actual_actual"]
    months = [date(2026, month, 1) for month in (4, 5, 6)]

    whole = sum(prorated(-2000, month, add_months(month, 1)) for month in months)
    assert whole + prorated(-2000, date(2026, 7, 1), date(2026, 7, 13)) == -6774


@given(CENTS, MONTHS, st.sampled_from(CONVENTIONS))
def test_a_whole_month_is_the_whole_price(unit_price: int, month: date, convention: ProrationConvention) -> None:
    assert PRORATED[convention](unit_price, month, add_months(month, 1)) == unit_price


@st.composite
def cut_months(draw: st.DrawFn) -> list[date]:
    """The first of a month, days at which it is cut, and the first of the next."""
    month = draw(MONTHS)
    following = add_months(month, 1)
    inner = draw(st.sets(st.integers(1, (following - month).days - 1), max_size=5))
    return [month, *(month + timedelta(days=days) for days in sorted(inner)), following]


@given(CENTS, cut_months())
def test_parts_of_a_month_differ_from_the_whole_by_no_more_than_half_a_cent_each(
    unit_price: int, cuts: list[date]
) -> None:
    parts = [PRORATED["actual_actual"](unit_price, start, end) for start, end in pairwise(cuts)]

    assert abs(sum(parts) - unit_price) <= len(parts) / 2


@given(CENTS, cut_months(), st.sampled_from(CONVENTIONS), st.sampled_from([FULL_FACTOR, -1500, 3333]))
def test_a_credit_is_the_mirror_of_a_charge(
    unit_price: int, cuts: list[date], convention: ProrationConvention, factor: int
) -> None:
    prorated = PRORATED[convention]
    for start, end in pairwise(cuts):
        assert prorated(-unit_price, start, end, factor) == -prorated(unit_price, start, end, factor)


@given(CENTS, cut_months(), st.sampled_from([FULL_FACTOR, -1500, 250]))
def test_each_part_is_its_exact_share_rounded_half_up(unit_price: int, cuts: list[date], factor: int) -> None:
    whole = Decimal((cuts[-1] - cuts[0]).days)
    for start, end in pairwise(cuts):
        exact = Decimal(unit_price) * factor * (end - start).days / whole / FULL_FACTOR
        assert PRORATED["actual_actual"](unit_price, start, end, factor) == round_half_up(exact, digits=0)


@given(st.integers(0, 50_000), cut_months(), st.sampled_from(CONVENTIONS))
def test_a_part_is_never_worth_more_than_its_month_nor_less_than_nothing(
    unit_price: int, cuts: list[date], convention: ProrationConvention
) -> None:
    for start, end in pairwise(cuts):
        assert 0 <= PRORATED[convention](unit_price, start, end) <= unit_price


def test_a_short_stay_of_28_days_is_a_month_of_february_under_every_convention_but_28_days_of_march() -> None:
    stay = {name: PRORATED[name](3000, MARCH, date(2026, 3, 29)) for name in CONVENTIONS}

    assert stay == {"actual_actual": 2710, "actual_30": 2800, "thirty_360": 2800, "none": 3000}
    assert {PRORATED[name](3000, FEBRUARY, MARCH) for name in CONVENTIONS} == {3000}


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("end", [date(2026, 1, 12), date(2026, 1, 5)], ids=["empty", "turned-round"])
def test_no_days_cost_nothing(convention: ProrationConvention, end: date) -> None:
    assert PRORATED[convention](7999, date(2026, 1, 12), end) == 0


def test_a_percentage_is_taken_of_the_price_before_anything_is_rounded() -> None:
    """15 % of 59.99 for 17 days of 31 is 4.9347; of the 32.90 that those days cost it would be 4.935."""
    assert PRORATED["actual_actual"](5999, JANUARY, date(2026, 1, 18), factor=-1500) == -493


def test_a_price_with_four_digits_is_rounded_once_to_cents() -> None:
    prorated = prorating("actual_30", price_scale=100)

    assert prorated(799_949, JANUARY, FEBRUARY) == 7999
    assert prorated(799_950, JANUARY, FEBRUARY) == 8000
    assert prorated(-799_950, JANUARY, FEBRUARY) == -8000
    assert prorated(100_050, JANUARY, date(2026, 1, 16)) == 500


MODES: dict[RoundingMode, str] = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
}
ROUNDED = {mode: connected(Proration(convention="none", rounding=mode)) for mode in MODES}


@pytest.mark.parametrize(
    ("numerator", "divisor", "rounded"),
    [
        (5, 10, {"half_up": 1, "half_even": 0, "down": 0, "up": 1}),
        (-5, 10, {"half_up": -1, "half_even": 0, "down": 0, "up": -1}),
        (15, 10, {"half_up": 2, "half_even": 2, "down": 1, "up": 2}),
        (-14, 10, {"half_up": -1, "half_even": -1, "down": -1, "up": -2}),
        (0, 7, {"half_up": 0, "half_even": 0, "down": 0, "up": 0}),
    ],
)
def test_a_part_of_a_coin_becomes_what_the_mode_says(
    numerator: int, divisor: int, rounded: dict[RoundingMode, int]
) -> None:
    assert {mode: _rounded(mode, numerator, divisor) for mode in rounded} == rounded


@given(st.integers(-(10**12), 10**12), st.integers(1, 310_000), st.sampled_from(get_args(RoundingMode)))
def test_every_mode_rounds_as_decimals_do(numerator: int, divisor: int, mode: RoundingMode) -> None:
    with localcontext(prec=60):
        exact = Decimal(numerator) / Decimal(divisor)
        assert _rounded(mode, numerator, divisor) == int(exact.quantize(Decimal(1), MODES[mode]))


def _rounded(mode: RoundingMode, numerator: int, divisor: int) -> int:
    row = ROUNDED[mode].execute("SELECT rounded(?::BIGINT, ?::BIGINT)", [numerator, divisor]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("start", "charged_from"),
    [(JANUARY, JANUARY), (date(2026, 1, 2), FEBRUARY), (date(2026, 1, 31), FEBRUARY), (date(2025, 12, 9), JANUARY)],
)
def test_a_first_month_that_is_not_whole_is_free_where_the_market_gives_it_away(
    start: date, charged_from: date
) -> None:
    query = "SELECT charged_from(?::DATE)"
    with connected(Proration(convention="actual_30", first_month="free")) as giving:
        assert giving.execute(query, [start]).fetchone() == (charged_from,)
    with connected(Proration(convention="actual_30")) as charging:
        assert charging.execute(query, [start]).fetchone() == (start,)


def test_a_year_of_the_dearest_price_does_not_overflow() -> None:
    dearest = 2**31 - 1
    assert PRORATED["actual_actual"](dearest, JANUARY, FEBRUARY) == dearest
