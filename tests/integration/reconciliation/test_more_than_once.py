"""What an operator's people do twice is not counted twice."""

from datetime import date

from judged import JudgeAll, small_operator

from tests.fakes.small_operator import LAST_YEAR

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def test_a_discount_given_again_before_it_ended_runs_on_and_is_not_given_twice(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", JANUARY, promotion_code="hello")
    operator.order("1", "991", "change", effective_on=FEBRUARY, promotion_code="hello")
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("1", "HEL", "-20.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_one_agreed_price_after_another_is_each_for_its_days(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    agreed = {"kind": "price_override", "code": "silver"}
    operator.alteration("1", **agreed, amount_minor=5000, valid_from=LAST_YEAR, valid_to=FEBRUARY)
    operator.alteration("1", **agreed, amount_minor=5200, valid_from=FEBRUARY)
    operator.alteration("1", **agreed, amount_minor=5500, valid_from=MARCH, valid_to=APRIL)  # the later one counts
    for month, rate in ((1, "50.00"), (2, "52.00"), (3, "55.00")):
        operator.whole_months("1", "SLV", rate, (month,))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_a_fee_billed_twice_is_owed_back_once(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 20), install_fee_waived=False)
    operator.line("1", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
    operator.line("1", "INS", date(2026, 1, 20), date(2026, 1, 21), "99.00", "99.00")
    operator.line("1", "INS", date(2026, 3, 1), date(2026, 3, 2), "99.00", "99.00")
    operator.whole_months("1", "SLV", "60.00", (2, 3))

    assert judge_all(operator).told() == ["RL-C05 1 over_billed refund_due 2026-01 99.00"]


def test_an_account_that_two_records_of_the_order_system_name_is_one_service(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.account("0000001")
    operator.whole_months("1", "SLV", "50.00", (3,))

    assert judge_all(operator, "RL-C05").told() == ["RL-C05 1 under_billed recoverable 2026-03 10.00"]


def test_suspensions_that_overlap_take_each_day_off_once(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.subscription("1", "1-s1", LAST_YEAR)
    operator.suspension("1-s1", date(2026, 2, 5), date(2026, 2, 15))
    operator.suspension("1-s1", date(2026, 2, 10), date(2026, 2, 22))
    operator.whole_months("1", "SLV", "60.00", (1, 3))
    operator.line("1", "SLV", FEBRUARY, date(2026, 2, 5), "60.00", "8.57")
    operator.line("1", "SLV", date(2026, 2, 22), MARCH, "60.00", "15.00")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
