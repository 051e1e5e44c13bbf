"""Bills begin on the day on which a service was shown to work; a completion counts where nobody has shown it.

Silver is 60.00 a month, gold 90.00; January to March 2026 are judged, and all of it can still be billed.
"""

from datetime import UTC, date, datetime

from judged import JudgeAll, months, small_operator

from canonical_model.network import ServiceActivation
from tests.fakes.small_operator import SmallOperator, noon, serial_of

FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (2, 3, 4))
TENTH, ELEVENTH, TWELFTH = (date(2026, 1, day) for day in (10, 11, 12))


def shown(operator: SmallOperator, order: str, at: datetime) -> None:
    operator.add(ServiceActivation, "splice", order_number=order, works_since=at)


def billed_from(operator: SmallOperator, account: str, day: date, amount: str) -> None:
    operator.line(account, "SLV", day, FEBRUARY, "60.00", amount)
    operator.whole_months(account, "SLV", "60.00", (2, 3))


def test_a_line_that_worked_a_day_after_its_completion_is_billed_from_that_day(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2", "3"):
        operator.installed(account, TENTH)
        shown(operator, f"9{account}", noon(ELEVENTH))
    billed_from(operator, "1", ELEVENTH, "40.65")  # 60.00 x 21 / 31: right
    billed_from(operator, "2", TENTH, "42.58")  # for a day on which nothing worked
    billed_from(operator, "3", TWELFTH, "38.71")  # a day too late
    operator.installed("4", TENTH)  # nobody has shown it: the technician's word counts
    billed_from(operator, "4", ELEVENTH, "40.65")

    judged = judge_all(operator)
    assert judged.told() == [
        *months("RL-A02 3 under_billed recoverable", jan="1.94"),
        *months("RL-A02 4 under_billed recoverable", jan="1.93"),
        *months("RL-A03 2 over_billed refund_due", jan="1.93"),
    ]
    proof = {each.subject: each.evidence for each in judged.outcome.findings}
    assert "splice/ServiceActivation/3" in proof["3"]
    assert not any("ServiceActivation" in each for each in proof["4"])


def test_a_line_that_worked_before_midnight_is_not_early_where_the_tablet_says_it_was_after(
    judge_all: JudgeAll,
) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", effective_on=TENTH, offering_id="silver", install_fee_waived=True)
    after = datetime(2026, 1, 11, 6, 10, tzinfo=UTC)  # ten minutes past midnight of the eleventh, in the market
    operator.job("91", ELEVENTH, "silver", serial_of("1"), completed_at=after)
    operator.seen(serial_of("1"), "S", TENTH)
    shown(operator, "91", datetime(2026, 1, 11, 4, 50, tzinfo=UTC))
    billed_from(operator, "1", TENTH, "42.58")

    assert judge_all(operator).told() == []


def test_a_change_is_billed_from_the_day_on_which_it_was_shown(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account, order in (("1", "81"), ("2", "82"), ("3", "83")):
        operator.installed(account)
        operator.whole_months(account, "SLV", "60.00", (1,))
        operator.order(account, order, "change", offering_id="gold", effective_on=date(2026, 2, 10))
        shown(operator, order, noon(date(2026, 2, 12)))
        operator.whole_months(account, "GLD", "90.00", (3,))
    for order, account in (("81", "1"), ("82", "2")):  # the third needed no visit
        operator.job(order, date(2026, 2, 10), "gold", serial_of(account))
    for account in ("1", "3"):
        operator.line(account, "SLV", FEBRUARY, date(2026, 2, 12), "60.00", "23.57")
        operator.line(account, "GLD", date(2026, 2, 12), MARCH, "90.00", "54.64")
    operator.line("2", "SLV", FEBRUARY, date(2026, 2, 10), "60.00", "19.29")  # from the visit: two days too dear
    operator.line("2", "GLD", date(2026, 2, 10), MARCH, "90.00", "61.07")

    judged = judge_all(operator)

    # 80.36 that was billed, less 78.21
    assert judged.told() == months("RL-C04 2 over_billed refund_due", feb="2.15")
