"""Adjustments settle what is owed in their own direction: exact amounts first, then the oldest month."""

from dataclasses import replace
from datetime import date

from reconciliation.settlement import Correction, Owed, Settlement, settle

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
DUPLICATE, PRICE = "duplicate", "price"


def credit(amount: int, ref: str = "a", settles_to: date | None = APRIL, posted_on: date = APRIL) -> Correction:
    return Correction(ref, posted_on, amount, settles_to)


def settled(owed: list[Owed], *corrections: Correction) -> dict[tuple[int, str], int]:
    return {(one.number, one.ref): one.amount for one in settle(owed, corrections)}


def months(cause: str, *amounts: int, first: int = 1) -> list[Owed]:
    return [
        Owed(first + place, cause, date(2026, 1 + place, 1), amount) for place, amount in enumerate(amounts) if amount
    ]


def test_a_whole_cause_is_settled_by_its_exact_sum_before_older_months_of_another() -> None:
    owed = [*months(PRICE, -500, -500), *months(DUPLICATE, 0, -6000, -3000, first=11)]

    assert settled(owed, credit(-9000)) == {(12, "a"): -6000, (13, "a"): -3000}


def test_a_month_of_a_cause_is_settled_by_its_exact_amount_before_older_ones() -> None:
    assert settled(months(DUPLICATE, -2000, -6000), credit(-6000)) == {(2, "a"): -6000}


def test_exact_amounts_are_settled_before_others_that_were_posted_earlier() -> None:
    early = credit(-1500, "early", posted_on=MARCH)

    assert settled(months(DUPLICATE, -2000, -6000), early, credit(-2000, "exact")) == {
        (1, "exact"): -2000,
        (2, "early"): -1500,
    }


def test_any_other_amount_goes_to_the_oldest_month_first() -> None:
    assert settled(months(DUPLICATE, -6000, -6000, -6000), credit(-7000)) == {(1, "a"): -6000, (2, "a"): -1000}


def test_two_causes_of_one_month_are_settled_in_the_order_of_their_names() -> None:
    owed = [Owed(1, PRICE, MARCH, -700), Owed(2, DUPLICATE, MARCH, -6000)]

    assert settled(owed, credit(-6100)) == {(2, "a"): -6000, (1, "a"): -100}


def test_never_more_is_settled_than_is_owed() -> None:
    assert settled(months(DUPLICATE, -6000), credit(-9000), credit(-100, "b")) == {(1, "a"): -6000}


def test_nothing_is_settled_twice() -> None:
    assert settled(months(DUPLICATE, -6000), credit(-6000), credit(-6000, "b")) == {(1, "a"): -6000}


def test_several_adjustments_settle_one_month_together() -> None:
    assert settled(months(DUPLICATE, -6000), credit(-2500), credit(-2500, "b"), credit(-2500, "c")) == {
        (1, "a"): -2500,
        (1, "b"): -2500,
        (1, "c"): -1000,
    }


def test_what_is_owed_to_the_customer_is_not_settled_by_charging_him() -> None:
    owed = [*months(DUPLICATE, -6000), Owed(9, PRICE, JANUARY, 700)]

    assert settled(owed, credit(6000)) == {(9, "a"): 700}
    assert settled(owed, credit(-700)) == {(1, "a"): -700}


def test_an_adjustment_settles_no_month_after_those_it_could_have_known() -> None:
    owed = months(DUPLICATE, -6000, -6000, -6000)

    assert settled(owed, credit(-18000, settles_to=MARCH)) == {(1, "a"): -6000, (2, "a"): -6000}
    assert settled(owed, credit(-6000, settles_to=None)) == {}


def test_the_order_in_which_things_are_told_changes_nothing() -> None:
    owed = [*months(DUPLICATE, -6000, -6000), *months(PRICE, -500, -500, first=11)]
    corrections = [credit(-6400), credit(-500, "b"), credit(-20, "c", posted_on=MARCH)]
    expected = settled(owed, *corrections)

    assert settled(owed[::-1], *corrections[::-1]) == expected
    assert sum(expected.values()) == -6920


def test_what_is_settled_has_the_sign_of_what_was_owed() -> None:
    assert list(settle(months(PRICE, 1200), [credit(1000)])) == [Settlement(1, "a", 1000)]


def named(case: str, amount: int, ref: str = "a", billable_from: date = date.min) -> Correction:
    return Correction(ref, APRIL, amount, APRIL, case, billable_from)


def of_case(case: str, owed: list[Owed]) -> list[Owed]:
    return [replace(one, cases=frozenset({case, f"{case}-lost"})) for one in owed]


def test_an_adjustment_settles_the_case_that_it_names_whatever_its_amount_would_fit() -> None:
    owed = [*of_case("c1", months(PRICE, 2000)), *of_case("c2", months(DUPLICATE, 0, 1500, 2000, first=11))]

    assert settled(owed, named("c2", 2000)) == {(12, "a"): 1500, (13, "a"): 500}


def test_what_could_not_be_billed_when_it_was_posted_is_settled_last() -> None:
    owed = of_case("c1", months(PRICE, 1000, 1000, 1000))

    assert settled(owed, named("c1", 2000, billable_from=FEBRUARY)) == {(2, "a"): 1000, (3, "a"): 1000}


def test_a_month_that_was_lost_since_is_settled_by_the_adjustment_of_its_recoverable_case() -> None:
    owed = of_case("c1", months(PRICE, 1000, 1000))

    assert settled(owed, named("c1-lost", 1000)) == {(1, "a"): 1000}


def test_what_a_named_case_does_not_need_settles_what_else_is_owed() -> None:
    """The mistake is told by another rule now: its money must not be owed a second time."""
    owed = [*of_case("c1", months(PRICE, -500)), *of_case("c2", months(DUPLICATE, 0, -1500, first=11))]

    assert settled(owed, named("c1", -2000)) == {(1, "a"): -500, (12, "a"): -1500}
    assert settled(owed, named("gone", -2000)) == {(1, "a"): -500, (12, "a"): -1500}


def test_what_of_a_cause_is_of_one_class_is_settled_by_its_exact_sum() -> None:
    lost, *recoverable = months(PRICE, 700, 1000, 1200)
    owed = [
        replace(lost, exposure_class="lost"),
        *(replace(one, exposure_class="recoverable") for one in recoverable),
    ]

    assert settled(owed, credit(2200)) == {(2, "a"): 1000, (3, "a"): 1200}
