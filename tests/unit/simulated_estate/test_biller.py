"""What the estate's billing charges, against figures worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from simulated_estate.belief import Belief, Fee, FixedRate, Item, Subscription
from simulated_estate.biller import Line, bill, by_month, missing, prorated, rounded
from simulated_estate.markets import Convention
from simulated_estate.months import Window

YEAR = Window(date(2025, 11, 1), date(2026, 11, 1))


def lines_of(*subscriptions: Subscription, market: str = "riverbend") -> list[Line]:
    return bill(Belief("1", market, subscriptions), YEAR)


def subscription(
    *items: Item, start: date = date(2024, 1, 1), end: date | None = None, **more: object
) -> Subscription:
    return Subscription("SUB1", start, end, items, **more)  # type: ignore[arg-type]


def amounts(lines: list[Line], product: str, month: date) -> list[str]:
    return [str(line.amount) for line in lines if line.product == product and line.cover_from.replace(day=1) == month]


@pytest.mark.parametrize(
    ("convention", "january", "february"),
    [("actual_actual", "51.61", "48.57"), ("actual_30", "53.33", "45.33"), ("thirty_360", "50.66", "50.66")],
)
def test_a_charge_of_7999_from_the_12th_to_the_end_of_the_month(
    convention: Convention, january: str, february: str
) -> None:
    rate = Decimal("79.99")
    in_january = prorated(rate, date(2026, 1, 12), date(2026, 2, 1), convention)
    in_february = prorated(rate, date(2026, 2, 12), date(2026, 3, 1), convention)
    assert rounded(in_january, "half_up") == Decimal(january)
    assert rounded(in_february, "half_up") == Decimal(february)


@pytest.mark.parametrize("convention", ["actual_actual", "actual_30", "thirty_360"])
@pytest.mark.parametrize("month", [1, 2, 4])
def test_a_whole_month_costs_the_rate_however_long_it_is(convention: Convention, month: int) -> None:
    amount = prorated(Decimal("54.99"), date(2026, month, 1), date(2026, month + 1, 1), convention)
    assert amount == Decimal("54.99")


@pytest.mark.parametrize(
    ("rate", "half_up", "half_even"),
    [("10.01", "5.01", "5.00"), ("-10.01", "-5.01", "-5.00"), ("10.03", "5.02", "5.02"), ("10.00", "5.00", "5.00")],
)
def test_half_a_cent_goes_away_from_zero_or_to_the_even_neighbour(rate: str, half_up: str, half_even: str) -> None:
    half_a_month = prorated(Decimal(rate), date(2026, 4, 1), date(2026, 4, 16), "actual_30")
    assert rounded(half_a_month, "half_up") == Decimal(half_up)
    assert rounded(half_a_month, "half_even") == Decimal(half_even)


def test_days_before_the_first_whole_month_are_given_away_where_the_market_does_so_once_a_service() -> None:
    begun = date(2026, 3, 12)
    started = subscription(Item("fiber-300"), start=begun, end=date(2026, 4, 20))
    moved = subscription(Item("fiber-300"), start=date(2026, 4, 20), begun_on=begun)
    lines = lines_of(started, moved, market="mesa")
    assert [(line.cover_from, line.cover_to) for line in lines][:3] == [
        (date(2026, 4, 1), date(2026, 4, 20)),
        (date(2026, 4, 20), date(2026, 5, 1)),
        (date(2026, 5, 1), date(2026, 6, 1)),
    ]
    assert lines_of(started)[0].cover_from == begun


def test_a_move_within_a_first_month_that_is_free_leaves_it_free() -> None:
    begun = date(2026, 3, 12)
    started = subscription(Item("fiber-300"), start=begun, end=date(2026, 3, 20))
    moved = subscription(Item("fiber-300"), start=date(2026, 3, 20), begun_on=begun)
    assert lines_of(started, moved, market="mesa")[0].cover_from == date(2026, 4, 1)


def test_in_a_360_day_year_the_31st_counts_as_the_30th() -> None:
    rate = Decimal("30.00")
    assert prorated(rate, date(2026, 1, 31), date(2026, 2, 1), "thirty_360") == Decimal("1.00")
    assert prorated(rate, date(2026, 1, 30), date(2026, 1, 31), "thirty_360") == Decimal("0.00")
    assert prorated(rate, date(2026, 1, 5), date(2026, 1, 31), "thirty_360") == Decimal("25.00")


def test_a_discount_of_20_that_outlives_its_term_from_april_to_12_july_gives_6774_away() -> None:
    ended = subscription(Item("fiber-1000"), Item("welcome_20", end=date(2026, 4, 1)))
    outlived = subscription(Item("fiber-1000"), Item("welcome_20", end=date(2026, 7, 13)))
    given = sum(by_month(lines_of(ended)).values()) - sum(by_month(lines_of(outlived)).values())
    assert given == 6_000 + 774  # April to June, and 12 of the 31 days of July


def test_another_cycle_is_billed_later_and_its_last_month_after_anybody_looked() -> None:
    lines = lines_of(subscription(Item("fiber-300"), bill_day=8))
    assert [line.billed_on for line in lines][:2] == [date(2025, 12, 8), date(2026, 1, 8)]
    assert lines[-1].billed_on == date(2026, 10, 8)
    assert lines[-1].cover_to == date(2026, 10, 1)


def test_what_one_belief_bills_less_than_another_is_told_month_by_month() -> None:
    right = Belief("1", "riverbend", (subscription(Item("fiber-300")),))
    wrong = Belief("1", "riverbend", (subscription(Item("fiber-300"), start=date(2025, 12, 1), end=YEAR.end),))
    assert missing(right, wrong, YEAR) == {date(2025, 11, 1): 5499}
    assert missing(wrong, right, YEAR) == {date(2025, 11, 1): -5499}


def test_a_month_is_billed_on_the_first_of_the_next_one() -> None:
    lines = lines_of(subscription(Item("fiber-300")))
    assert [line.billed_on for line in lines][:2] == [date(2025, 12, 1), date(2026, 1, 1)]
    assert lines[-1].billed_on == YEAR.end
    assert len(lines) == 12


def test_a_price_rise_inside_a_month_makes_two_lines() -> None:
    lines = lines_of(subscription(Item("ether-500")), market="mesa")
    april = [line for line in lines if line.cover_from.month == 4]
    # 14 of 30 days at 79.95 is 37.31; 16 of 30 days at 82.95 is 44.24
    assert [(str(line.rate), str(line.amount)) for line in april] == [("79.95", "37.31"), ("82.95", "44.24")]
    assert april[0].cover_to == april[1].cover_from == date(2026, 4, 15)


def test_a_price_rise_on_the_first_of_a_month_makes_none_more() -> None:
    lines = lines_of(subscription(Item("fiber-500")))
    assert [str(line.rate) for line in lines] == ["69.99"] * 5 + ["74.99"] * 7


def test_the_first_day_is_charged_and_the_day_of_the_end_is_not() -> None:
    lines = lines_of(subscription(Item("fiber-1000"), start=date(2026, 1, 31), end=date(2026, 2, 2)))
    # one day of January: 89.99 / 31; one day of February: 89.99 / 28
    assert [str(line.amount) for line in lines] == ["2.90", "3.21"]


def test_nothing_is_charged_while_suspended_and_the_lines_stop_around_it() -> None:
    lines = lines_of(
        subscription(Item("fiber-1000"), suspensions=((date(2026, 3, 11), date(2026, 3, 21)),)),
    )
    # ten days, then eleven, of the 31 of March
    assert amounts(lines, "fiber-1000", date(2026, 3, 1)) == ["29.03", "31.93"]


def test_a_suspension_that_lasts_ends_the_bills() -> None:
    lines = lines_of(subscription(Item("fiber-1000"), suspensions=((date(2026, 1, 1), None),)))
    assert [line.cover_from for line in lines] == [date(2025, 11, 1), date(2025, 12, 1)]


def test_a_percentage_is_of_the_access_rate_and_rounded_by_itself() -> None:
    lines = lines_of(subscription(Item("fiber-500"), Item("winback_15", end=date(2026, 5, 11))))
    assert amounts(lines, "winback_15", date(2026, 3, 1)) == ["-10.50"]  # 15 % of 69.99 is 10.4985
    assert amounts(lines, "winback_15", date(2026, 4, 1)) == ["-11.25"]  # 15 % of 74.99 is 11.2485
    assert amounts(lines, "winback_15", date(2026, 5, 1)) == ["-3.63"]  # 11.2485 x 10 / 31


def test_a_percentage_follows_each_line_of_a_changed_tier() -> None:
    changed = subscription(
        Item("fiber-300", end=date(2026, 6, 16)), Item("fiber-1000", date(2026, 6, 16)), Item("winback_15")
    )
    lines = lines_of(changed)
    assert amounts(lines, "fiber-300", date(2026, 6, 1)) == ["27.50"]  # 54.99 / 2 is 27.495
    assert amounts(lines, "fiber-1000", date(2026, 6, 1)) == ["45.00"]
    assert amounts(lines, "winback_15", date(2026, 6, 1)) == ["-4.12", "-6.75"]


def test_a_move_splits_every_line_where_the_second_subscription_begins() -> None:
    day = date(2026, 2, 10)
    first = subscription(Item("air-100"), Item("router-rental"), end=day)
    second = Subscription("SUB2", day, None, first.items)
    lines = lines_of(first, second, market="northshore")
    # nine and twenty-one days of thirty
    assert amounts(lines, "air-100", date(2026, 2, 1)) == ["19.35", "45.15"]
    assert amounts(lines, "router-rental", date(2026, 2, 1)) == ["3.00", "6.99"]


def test_a_rate_of_its_own_holds_on_its_days_only() -> None:
    rate = FixedRate(Decimal("60.00"), date(2026, 1, 1), date(2026, 1, 16))
    lines = lines_of(subscription(Item("fiber-1000", rates=(rate,))))
    # 15 of 31 days at 60.00, 16 of 31 at 89.99
    assert amounts(lines, "fiber-1000", date(2026, 1, 1)) == ["29.03", "46.45"]
    assert amounts(lines, "fiber-1000", date(2026, 2, 1)) == ["89.99"]


def test_a_fee_is_charged_once_for_the_day_it_belongs_to_even_if_billing_starts_later() -> None:
    late = subscription(Item("fiber-300"), start=date(2026, 3, 20), fees=(Fee("install-fee", date(2026, 3, 2)),))
    fees = [line for line in lines_of(late) if line.product == "install-fee"]
    assert [(str(fee.amount), fee.cover_from, fee.cover_to) for fee in fees] == [
        ("99.00", date(2026, 3, 2), date(2026, 3, 3))
    ]


def test_lines_that_are_billed_late_keep_their_days() -> None:
    late = subscription(Item("fiber-300"), start=date(2026, 1, 1), first_bill=date(2026, 4, 1))
    lines = lines_of(late)
    assert [(line.cover_from.month, line.billed_on.month) for line in lines][:4] == [(1, 4), (2, 4), (3, 4), (4, 5)]


def test_a_credit_takes_every_line_back_under_its_own_days() -> None:
    double = subscription(
        Item("fiber-300"), start=date(2026, 1, 10), end=date(2026, 2, 5), credited_on=date(2026, 3, 1)
    )
    lines = lines_of(double)
    assert by_month(lines) == {}
    assert [line.billed_on.month for line in lines] == [2, 3, 3, 3]
    assert [str(line.amount) for line in lines] == ["39.03", "7.86", "-39.03", "-7.86"]
