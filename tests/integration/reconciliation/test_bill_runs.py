"""A month is judged for an account once the bill run that closes it has happened.

Silver is 60.00 a month. On 5 April 2026 January to March are over.
"""

from datetime import UTC, date, datetime
from typing import Any

from judged import JudgeAll, months, small_operator

from reconciliation.explain import explain_service
from tests.fakes.small_operator import FRESH, LAST_YEAR, SmallOperator, next_month

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (1, 2, 3, 4, 5))


def billed_on_day(operator: SmallOperator, day: int, account: str, *billed: int, rate: str = "60.00") -> None:
    """Whole months, each on the bill of that day of the next month."""
    for month in billed:
        start = date(2026, month, 1)
        bill = next_month(start).replace(day=day)
        operator.line(account, "SLV", start, next_month(start), rate, rate, billed_on=bill)


def two_cycles() -> SmallOperator:
    """Account 7 is billed on the first, accounts 8 and 9 on the tenth: their bills of March are not out."""
    operator = small_operator()
    for account in ("8", "9"):
        operator.installed(account)
        billed_on_day(operator, 10, account, 1, 2)
    return operator


def in_april(day: int) -> dict[str, Any]:
    """A later snapshot, with everything pulled at its very moment."""
    as_of = datetime(2026, 4, day, 12, tzinfo=UTC)
    return {"as_of": as_of, "feeds": [feed.model_copy(update={"last_success_at": as_of}) for feed in FRESH]}


def waiting(accounts: int, due: str, day: int = 10) -> dict[str, str]:
    return {
        f"2026-03, bills of day {day}": (
            f"{accounts} account{'' if accounts == 1 else 's'}: the bill run that closes March 2026 has not happened"
            f" ({due} that are due have its bill)"
        )
    }


def test_a_cycle_that_is_billed_later_waits_for_its_bills_and_the_other_does_not(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    operator.installed("2")
    billed_on_day(operator, 10, "2", 1, 2, rate="50.00")

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-C05 1 under_billed recoverable", jan="10.00", feb="10.00", mar="10.00"),
        *months("RL-C05 2 under_billed recoverable", jan="10.00", feb="10.00"),
    ]
    assert judged.not_judged("month") == waiting(3, "0 of 3")
    assert {one.scope for one in judged.outcome.not_judged} == {"month"}


def test_the_run_rate_is_that_of_the_last_judged_month_of_each_account(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    operator.installed("2")
    billed_on_day(operator, 10, "2", 1, 2, rate="50.00")

    (finding,) = judge_all(operator).outcome.findings

    assert (finding.exposure_minor, finding.run_rate_minor) == (2000, 1000)


def test_when_the_bills_are_out_the_month_is_judged(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    operator.installed("2")
    billed_on_day(operator, 10, "2", 1, 2)
    for account in ("8", "9"):
        billed_on_day(operator, 10, account, 3)

    judged = judge_all(operator, **in_april(12))

    assert judged.told() == ["RL-B03 2 under_billed recoverable 2026-03 60.00"]
    assert judged.not_judged("month") == {}


def test_a_run_that_is_half_done_has_not_happened_but_whose_bill_is_out_is_judged(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for number in range(10, 40):
        account = str(number)
        operator.installed(account)
        operator.whole_months(account, "SLV", "60.00", (1, 2))
        if number >= 20:
            operator.whole_months(account, "SLV", "50.00", (3,))

    judged = judge_all(operator)

    assert [line.split()[1] for line in judged.told()] == [str(number) for number in range(20, 40)]
    assert judged.not_judged("month") == waiting(10, "21 of 31", day=1)


def test_one_in_ten_may_be_missing_from_a_run_that_has_happened(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for number in range(10, 49):
        operator.clean(str(number), months=(1, 2) if number < 14 else (1, 2, 3))

    judged = judge_all(operator)

    assert [line.split()[:2] for line in judged.told()] == [["RL-B03", str(number)] for number in range(10, 14)]
    assert judged.not_judged("month") == {}


def test_who_left_or_is_suspended_is_not_waited_for(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    billed_on_day(operator, 10, "8", 3)
    operator.subscription("9", "9-s1", LAST_YEAR, MARCH, "closed")
    operator.installed("2", dark_since=MARCH)
    operator.order("2", "992", "cease", effective_on=MARCH)
    operator.installed("3", dark_since=MARCH)
    operator.subscription("3", "3-s1", LAST_YEAR, state="suspended")
    operator.suspension("3-s1", MARCH)
    for account in ("2", "3"):
        billed_on_day(operator, 10, account, 1, 2)

    judged = judge_all(operator, **in_april(12))

    assert judged.told() == ["RL-B03 9 under_billed recoverable 2026-03 60.00"]
    assert judged.outcome.not_judged == ()


def test_where_nobody_is_due_the_calendar_tells(judge_all: JudgeAll) -> None:
    """The only account of the tenth was closed in February and is still live; the tenth of April is to come."""
    operator = small_operator()
    operator.installed("1")
    operator.subscription("1", "1-s1", LAST_YEAR, date(2026, 2, 15), "closed")
    billed_on_day(operator, 10, "1", 1)
    operator.line("1", "SLV", FEBRUARY, date(2026, 2, 15), "60.00", "30.00", billed_on=date(2026, 3, 10))

    early = judge_all(operator)
    late = judge_all(operator, **in_april(12))

    assert early.told() == ["RL-B03 1 under_billed recoverable 2026-02 30.00"]
    assert early.not_judged("month") == waiting(1, "0 of 0")
    assert late.told() == months("RL-B03 1 under_billed recoverable", feb="30.00", mar="60.00")
    assert late.not_judged("month") == {}


def test_a_new_customer_without_a_bill_may_belong_to_the_later_cycle(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    operator.installed("1", date(2026, 3, 12))
    operator.installed("2", date(2026, 2, 12))  # every cycle has passed it over once: nobody will ever bill it

    judged = judge_all(operator)

    assert judged.told() == months("RL-A01 2 under_billed recoverable", feb="36.43", mar="60.00")
    assert judged.not_judged("month") == waiting(2, "0 of 2") | {
        "2026-03, accounts without a bill": (
            "1 account: the bill run that closes March 2026 has not happened in every bill cycle,"
            " and they were connected too late for an earlier one"
        )
    }


def test_what_is_not_billed_for_long_is_not_late(judge_all: JudgeAll) -> None:
    """Nobody of the tenth has a bill of February. On 15 April it is 45 days over, and nobody is due any more."""
    operator = small_operator()
    for account in ("8", "9"):
        operator.installed(account)
        billed_on_day(operator, 10, account, 1)
    operator.whole_months("7", "SLV", "60.00", (3,), "s2")

    day_before = judge_all(operator, **in_april(14))
    that_day = judge_all(operator, **in_april(15))

    assert {line.split()[0] for line in day_before.told()} == {"RL-B05"}
    assert set(day_before.not_judged("month")) == {"2026-02, bills of day 10", "2026-03, bills of day 10"}
    assert [line for line in that_day.told() if line.startswith("RL-B03")] == [
        *months("RL-B03 8 under_billed recoverable", feb="60.00", mar="60.00"),
        *months("RL-B03 9 under_billed recoverable", feb="60.00", mar="60.00"),
    ]
    assert that_day.not_judged("month") == {}


def billed_in_advance(day: int) -> SmallOperator:
    """January to April, each on the bill of a day of the month before."""
    operator = SmallOperator()
    for account in ("7", "8"):
        operator.installed(account)
        for start, bill in zip((JANUARY, FEBRUARY, MARCH, APRIL), (12, 1, 2, 3), strict=True):
            billed_on = date(2025 if bill == 12 else 2026, bill, day)
            operator.line(account, "SLV", start, next_month(start), "60.00", "60.00", billed_on=billed_on)
    return operator


def test_in_advance_a_month_is_closed_by_the_next_bill(judge_all: JudgeAll) -> None:
    """What changed after 20 March comes with the bill of 20 April."""
    operator = billed_in_advance(20)
    operator.installed("1", date(2026, 3, 25))
    operator.order("8", "998", "change", effective_on=date(2026, 3, 25), offering_id="gold")

    judged = judge_all(operator)

    assert judged.told() == []
    assert set(judged.not_judged("month")) == {"2026-03, bills of day 20", "2026-03, accounts without a bill"}
    assert "2 accounts" in judged.not_judged("month")["2026-03, bills of day 20"]


def test_in_advance_on_the_last_day_of_a_month_its_changes_are_on_the_same_bill(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    for account in ("7", "8"):
        operator.installed(account)
        for start, bill in zip(
            (JANUARY, FEBRUARY, MARCH, APRIL),
            (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)),
            strict=True,
        ):
            operator.line(account, "SLV", start, next_month(start), "60.00", "60.00", billed_on=bill)
    operator.order("8", "998", "change", effective_on=date(2026, 3, 25), offering_id="gold")

    judged = judge_all(operator)

    # 60.00 x 24 / 31 + 90.00 x 7 / 31 - 60.00 = 46.45 + 20.32 - 60.00
    assert judged.not_judged("month") == {}
    assert judged.told() == ["RL-C01 8 under_billed recoverable 2026-03 6.77"]
    assert judged.not_judged("difference") == {}


def test_a_bill_without_lines_is_a_bill(judge_all: JudgeAll) -> None:
    """Everybody of the tenth got a bill of March; that of account 9 has no line for its access."""
    operator = two_cycles()
    billed_on_day(operator, 10, "8", 3)
    operator.bill("9", MARCH, APRIL, date(2026, 4, 10), "0.00")

    judged = judge_all(operator, **in_april(10))

    assert judged.told() == ["RL-B03 9 under_billed recoverable 2026-03 60.00"]
    assert judged.not_judged("month") == {}


def test_a_bill_of_an_earlier_month_that_comes_late_closes_nothing(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    for account in ("8", "9"):
        operator.line(account, "VOI", FEBRUARY, MARCH, "19.99", "19.99", billed_on=date(2026, 4, 3))
        operator.order(account, f"99{account}", "change", effective_on=FEBRUARY)
        operator.order_item(f"99{account}", "voice")
        operator.line(account, "DUO", FEBRUARY, MARCH, "-5.00", "-5.00", billed_on=date(2026, 4, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("month") == waiting(2, "0 of 2")


def test_nothing_of_a_month_that_waits_is_judged_neither_fee_nor_device_nor_suspension(judge_all: JudgeAll) -> None:
    operator = two_cycles()
    operator.installed("1", date(2026, 3, 5), install_fee_waived=False, router="leased")
    operator.subscription("8", "8-s1", LAST_YEAR)
    operator.suspension("8-s1", MARCH)
    operator.line("9", "VOI", MARCH, APRIL, "19.99", "19.99", billed_on=date(2026, 2, 10))

    judged = judge_all(operator)

    assert judged.told() == []
    assert {one.scope for one in judged.outcome.not_judged} == {"month"}


def test_the_explanation_says_up_to_when_an_account_is_judged(judge_all: JudgeAll) -> None:
    judged = judge_all(two_cycles())

    facts = {account: dict(explain_service(judged.folder, judged.manifest, account).facts) for account in ("7", "8")}

    assert "judged_to" not in facts["7"]
    assert facts["8"]["judged_to"] == "2026-03-01"
