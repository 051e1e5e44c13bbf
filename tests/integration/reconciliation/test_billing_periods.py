"""Accounts that are billed from another day of the month than the first, and what happens when that day changes.

Silver is 60.00 a month. On 5 April 2026 January to March are over for those who are billed by calendar months.
"""

from datetime import date
from typing import Any

import pytest
from judged import JudgeAll, small_operator

from canonical_model.catalogue import Proration
from reconciliation.explain import explain_service
from tests.fakes.small_operator import SmallOperator

JANUARY_17, FEBRUARY_17, MARCH_17 = (date(2026, month, 17) for month in (1, 2, 3))
FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (2, 3, 4))


def silver(
    operator: SmallOperator, account: str, *bills: tuple[date, date, str], rate: str = "60.00", **facts: Any
) -> None:
    """Lines of the access, each on a bill of the day after."""
    for start, end, amount in bills:
        operator.line(account, "SLV", start, end, rate, amount, billed_on=end, **facts)


def billed_from_the_17th(*bills: tuple[date, date, str], rate: str = "60.00") -> SmallOperator:
    operator = small_operator()
    operator.installed("1")
    operator.cycle("1", 17)
    silver(operator, "1", *bills, rate=rate)
    return operator


RIGHT = ((JANUARY_17, FEBRUARY_17, "60.00"), (FEBRUARY_17, MARCH_17, "60.00"))


def test_a_period_that_is_no_month_is_billed_right_at_the_whole_price(judge_all: JudgeAll) -> None:
    judged = judge_all(billed_from_the_17th(*RIGHT))

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_a_wrong_rate_is_found_in_each_period_and_told_by_its_first_day(judge_all: JudgeAll) -> None:
    wrong = ((JANUARY_17, FEBRUARY_17, "50.00"), (FEBRUARY_17, MARCH_17, "50.00"))
    (finding,) = judge_all(billed_from_the_17th(*wrong, rate="50.00")).outcome.findings

    assert (finding.rule_id, finding.exposure_minor, finding.run_rate_minor) == ("RL-C05", 2000, 1000)
    assert [line.period for line in finding.lines] == [JANUARY_17, FEBRUARY_17]
    assert (finding.evidence_from, finding.evidence_to) == (JANUARY_17, MARCH_17)


def test_calendar_months_on_the_bills_of_an_anchored_account_are_more_than_a_period(judge_all: JudgeAll) -> None:
    operator = billed_from_the_17th()
    operator.whole_months("1", "SLV", "60.00", (2, 3))

    assert "covers 2026-02-01 to 2026-03-01, more than one billing period" in str(
        judge_all(operator).outcome.not_judged
    )


def test_a_part_is_charged_by_the_days_of_its_own_period(judge_all: JudgeAll) -> None:
    """From 27 February on: 18 of the 28 days from 17 February to 17 March. Parts of a month would make 31 of them."""
    operator = small_operator()
    operator.installed("1", date(2026, 2, 27))
    operator.cycle("1", 17)
    silver(operator, "1", (date(2026, 2, 27), MARCH_17, "38.57"))

    assert judge_all(operator).told() == []


def test_a_fee_belongs_to_the_period_of_its_day(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 3, 10), install_fee_waived=False)
    operator.cycle("1", 17)
    silver(operator, "1", (date(2026, 3, 10), MARCH_17, "15.00"))

    (finding,) = judge_all(operator).outcome.findings
    assert (finding.rule_id, finding.exposure_minor) == ("RL-A05", 9900)
    assert [line.period for line in finding.lines] == [FEBRUARY_17]


def changing(*bills: tuple[date, date, str], proration: Proration | None = None) -> SmallOperator:
    """Billed by months, and from the 17th since the bill that the change of 3 March leads to."""
    operator = small_operator()
    if proration is not None:
        operator.proration = proration
    operator.installed("1")
    operator.cycle("1", 1)
    operator.cycle("1", 17, date(2026, 2, 3))
    silver(operator, "1", *bills)
    return operator


BEFORE, AFTER = (date(2026, 1, 1), FEBRUARY, "60.00"), (FEBRUARY_17, MARCH_17, "60.00")


@pytest.mark.parametrize(
    ("convention", "amount"), [("actual_actual", "34.29"), ("actual_30", "32.00"), ("thirty_360", "32.00")]
)
def test_a_stub_is_right_as_what_the_convention_makes_of_its_days(
    judge_all: JudgeAll, convention: Any, amount: str
) -> None:
    """16 days of February, which has 28."""
    operator = changing(BEFORE, (FEBRUARY, FEBRUARY_17, amount), AFTER, proration=Proration(convention=convention))

    assert judge_all(operator).told() == []


def test_a_stub_that_is_billed_as_a_whole_period_is_found_to_the_cent(judge_all: JudgeAll) -> None:
    operator = changing(BEFORE, (FEBRUARY, FEBRUARY_17, "60.00"), AFTER)

    assert judge_all(operator).told() == ["RL-C07 1 over_billed refund_due 2026-02 25.71"]


def test_a_stub_that_nobody_billed_is_found_to_the_cent(judge_all: JudgeAll) -> None:
    assert judge_all(changing(BEFORE, AFTER)).told() == ["RL-J05-stub 1 under_billed recoverable 2026-02 34.29"]


def test_discounts_of_days_that_nobody_billed_are_taken_off_and_no_finding_of_their_own(judge_all: JudgeAll) -> None:
    """60.00 less 20.00 for 16 days of 28."""
    operator = small_operator()
    operator.installed("1", date(2026, 1, 1), promotion_code="hello")
    operator.alteration("1", "promotion_extension", code="hello", valid_from=MARCH, valid_to=MARCH_17)
    operator.cycle("1", 1)
    operator.cycle("1", 17, date(2026, 2, 3))
    for start, end, _ in (BEFORE, AFTER):
        operator.line("1", "SLV", start, end, "60.00", "60.00", billed_on=end)
        operator.line("1", "HEL", start, end, "-20.00", "-20.00", billed_on=end)

    judged = judge_all(operator)
    assert [line for line in judged.told() if not line.endswith("by RL-J05-stub")] == [
        "RL-J05-stub 1 under_billed recoverable 2026-02 22.86"
    ]
    assert judged.not_judged("difference") == {}


def test_the_days_before_the_first_whole_period_are_free_where_the_market_gives_them_away(
    judge_all: JudgeAll,
) -> None:
    operator = small_operator()
    operator.proration = Proration(convention="actual_30", first_month="free")
    operator.installed("1", date(2026, 1, 20))
    operator.cycle("1", 17)
    silver(operator, "1", (FEBRUARY_17, MARCH_17, "60.00"))

    assert judge_all(operator).told() == []


def test_an_anchored_cycle_waits_for_its_own_bill_run(judge_all: JudgeAll) -> None:
    """Account 1 is underbilled; the bills from 5 March on to 5 April are not out, those to 5 March are."""
    operator = small_operator()
    periods = ((date(2026, 1, 5), date(2026, 2, 5), "50.00"), (date(2026, 2, 5), date(2026, 3, 5), "50.00"))
    for account in ("1", "2", "3"):
        operator.installed(account)
        operator.cycle(account, 5)
        silver(operator, account, *periods, rate="50.00")

    judged = judge_all(operator)

    assert {line.period for one in judged.outcome.findings for line in one.lines} == {
        date(2026, 1, 5),
        date(2026, 2, 5),
    }
    assert {one.run_rate_minor for one in judged.outcome.findings} == {1000}
    assert judged.not_judged("month") == {
        "2026-03-05, periods from day 5": (
            "3 accounts: the bill run that closes the period from 5 March 2026 has not happened"
            " (0 of 3 that are due have its bill)"
        )
    }


def test_an_account_that_a_finished_run_passed_over_is_not_waiting(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2", "3"):
        operator.installed(account)
        operator.cycle(account, 17)
        silver(operator, account, *(RIGHT if account != "1" else RIGHT[:1]))

    assert judge_all(operator).told() == ["RL-B03 1 under_billed recoverable 2026-02 60.00"]


def test_another_cycle_told_twice_or_in_another_order_changes_nothing(judge_all: JudgeAll) -> None:
    operator = changing(BEFORE, (FEBRUARY, FEBRUARY_17, "60.00"), AFTER)
    operator.cycle("1", 17, date(2026, 2, 3), source_id="again")
    operator.records.reverse()

    assert judge_all(operator).told() == ["RL-C07 1 over_billed refund_due 2026-02 25.71"]


def test_an_explanation_speaks_of_the_days_of_the_period(judge_all: JudgeAll) -> None:
    operator = changing(BEFORE, (FEBRUARY, FEBRUARY_17, "60.00"), AFTER)
    judged = judge_all(operator)

    explained = explain_service(judged.folder, judged.manifest, "1")
    stub = next(month for month in explained.months if (month.period, month.charge) == (FEBRUARY, "access"))
    (piece,) = stub.expected
    assert (stub.expected_minor, stub.billed_minor) == (3429, 6000)
    assert (piece.starts_on, piece.ends_on) == (FEBRUARY, FEBRUARY_17)
    assert (piece.days, piece.of) == (16, 28)


@pytest.mark.parametrize(
    ("posted_on", "still_owed"), [(date(2026, 2, 10), ["10.00"]), (FEBRUARY_17, []), (date(2026, 2, 20), [])]
)
def test_an_adjustment_settles_periods_of_its_account_that_had_begun(
    judge_all: JudgeAll, posted_on: date, still_owed: list[str]
) -> None:
    """February had begun on the tenth; the period from the seventeenth had not."""
    operator = billed_from_the_17th(RIGHT[0])
    silver(operator, "1", (FEBRUARY_17, MARCH_17, "70.00"), rate="70.00")
    operator.adjustment("1", "-10.00", posted_on)

    judged = judge_all(operator)

    assert [line.rpartition(" ")[2] for line in judged.told()] == still_owed
    assert bool(judged.outcome.not_judged) == bool(still_owed), "what settles nothing is listed"
