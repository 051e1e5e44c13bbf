"""What was given back, or charged afterwards, is no finding any more; the rest of it is.

Silver is 60.00 a month; January to March 2026 are judged and their bills are out.
"""

from datetime import date

from judged import JudgeAll, months, small_operator, unexplained

from reconciliation.explain import explain_service
from reconciliation.explanation import Posted
from tests.fakes.small_operator import SmallOperator, catalogue, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
CREDITED = date(2026, 4, 2)


def billed_twice(*accounts: str) -> SmallOperator:
    """Accounts with a second subscription in February and March."""
    operator = small_operator()
    for account in accounts:
        operator.clean(account)
        operator.whole_months(account, "SLV", "60.00", (2, 3), "s2")
    return operator


def test_a_duplicate_that_was_credited_whole_is_no_finding(judge_all: JudgeAll) -> None:
    operator = billed_twice("1", "2", "3")
    operator.adjustment("1", "-120.00", CREDITED, reason="DUPLICATE")
    operator.adjustment("2", "-60.00", date(2026, 3, 5))  # month by month
    operator.adjustment("2", "-60.00", CREDITED)

    judged = judge_all(operator)

    assert judged.told() == months("RL-B05 3 over_billed refund_due", feb="60.00", mar="60.00")
    assert judged.outcome.outcomes["RL-B05"] == "findings"
    assert judged.outcome.not_judged == ()


def test_what_was_credited_in_part_is_owed_for_the_rest_and_the_credit_is_its_first_proof(
    judge_all: JudgeAll,
) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-70.00", CREDITED, reason="DUPLICATE")

    judged = judge_all(operator)
    (finding,) = judged.outcome.findings

    assert judged.told() == months("RL-B05 1 over_billed refund_due", mar="50.00")
    assert (finding.exposure_minor, finding.run_rate_minor, finding.evidence_from) == (5000, 5000, MARCH)
    assert finding.evidence[0] == "billing/Adjustment/1"
    assert judged.outcome.not_judged == ()


def test_an_exact_amount_settles_its_own_month_before_an_older_one(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.line("1", "SLV", date(2026, 2, 20), MARCH, "60.00", "19.29", "s2")
    operator.whole_months("1", "SLV", "60.00", (3,), "s2")
    operator.adjustment("1", "-60.00", CREDITED)

    assert judge_all(operator).told() == months("RL-B05 1 over_billed refund_due", feb="19.29")


def test_what_was_charged_afterwards_is_not_lost(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2"):
        operator.installed(account, date(2026, 1, 10))
        operator.line(account, "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
        operator.whole_months(account, "SLV", "60.00", (2, 3))
    operator.adjustment("1", "19.35", date(2026, 2, 10), reason="BACK BILLING")
    operator.adjustment("2", "-19.35", date(2026, 2, 10), reason="SORRY")  # in favour of who had favour already

    judged = judge_all(operator)

    assert judged.told() == ["RL-A02 2 under_billed recoverable 2026-01 19.35"]
    assert judged.not_judged("adjustment") == {
        "billing/Adjustment/2": (
            "adjustment of -19.35 USD on account 2, posted on 2026-02-10 (SORRY):"
            " -19.35 USD of it settle no difference of the judged months"
        )
    }


def test_what_is_left_of_an_adjustment_is_listed(judge_all: JudgeAll) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-150.00", CREDITED)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("adjustment") == {
        "billing/Adjustment/1": (
            "adjustment of -150.00 USD on account 1, posted on 2026-04-02:"
            " -30.00 USD of it settle no difference of the judged months"
        )
    }


def test_goodwill_is_given_without_a_cause_and_settles_none(judge_all: JudgeAll) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-60.00", CREDITED, reason="Goodwill")
    operator.adjustment("7", "-10.00", CREDITED, reason="GOODWILL")

    judged = judge_all(operator, catalogue=catalogue().model_copy(update={"goodwill_reasons": ("goodwill",)}))

    assert judged.told() == months("RL-B05 1 over_billed refund_due", feb="60.00", mar="60.00")
    assert judged.outcome.not_judged == ()


def test_an_adjustment_settles_no_month_that_had_not_begun_and_was_not_billed(judge_all: JudgeAll) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-60.00", date(2026, 2, 20))
    operator.adjustment("1", "-60.00", date(2026, 2, 21))

    judged = judge_all(operator)

    assert judged.told() == months("RL-B05 1 over_billed refund_due", mar="60.00")
    assert list(judged.not_judged("adjustment")) == ["billing/Adjustment/2"]


def test_an_adjustment_in_other_money_settles_nothing_and_is_listed(judge_all: JudgeAll) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-120.00", CREDITED, currency="CAD")
    operator.adjustment("404", "-5.00", CREDITED)

    judged = judge_all(operator)

    assert judged.told() == months("RL-B05 1 over_billed refund_due", feb="60.00", mar="60.00")
    assert judged.not_judged("adjustment") == {
        "billing/Adjustment/1": "it is in CAD, the money of this market is USD",
        "billing/Adjustment/2": "no billing account has its number 404",
    }


def test_a_device_on_two_accounts_is_settled_by_a_credit_to_the_later_one(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.account("2")
    operator.order("2", "92", effective_on=FEBRUARY, offering_id="silver", install_fee_waived=True)
    operator.job("92", FEBRUARY, "silver", serial_of("1"))
    operator.whole_months("2", "SLV", "60.00", (2, 3))
    operator.adjustment("2", "-100.00", CREDITED)

    judged = judge_all(operator)

    assert judged.told() == months("RL-B05-shared-device 2 over_billed refund_due", mar="20.00")
    assert judged.outcome.not_judged == ()


def test_a_difference_that_no_rule_explains_is_settled_as_well(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.alteration("1", "courtesy_account", valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 1))
    operator.adjustment("1", "-75.00", CREDITED)

    judged = judge_all(operator)

    assert judged.not_judged("difference") == {"service/1": unexplained("-45.00", "access", "2026-02")}
    assert judged.not_judged("adjustment") == {}


def test_the_discount_on_a_charge_is_settled_with_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 1), promotion_code="hello")
    for subscription in ("s1", "s2"):
        operator.whole_months("1", "SLV", "60.00", (1, 2, 3), subscription)
        operator.whole_months("1", "HEL", "-20.00", (1, 2), subscription)
    operator.adjustment("1", "-50.00", CREDITED)

    judged = judge_all(operator)

    # 40.00 a month with the discount: January whole, 10.00 of February
    assert judged.told() == months("RL-B05 1 over_billed refund_due", feb="30.00", mar="60.00")


def test_a_wrong_price_and_the_percentage_on_it_are_settled_as_one_month(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 2, 1), promotion_code="tenth")
    operator.whole_months("1", "SLV", "70.00", (2, 3))
    operator.whole_months("1", "TEN", "-7.00", (2, 3))
    operator.adjustment("1", "-12.00", CREDITED)

    judged = judge_all(operator)
    (finding,) = judged.outcome.findings

    # 10.00 too much less a discount of 1.00 too much is 9.00 a month: February whole, 3.00 of March
    assert judged.told() == months("RL-C05 1 over_billed refund_due", mar="6.00")
    assert [(line.charge, line.exposure_minor) for line in finding.lines] == [("access", 700), ("tenth", -100)]


def test_a_finding_without_money_goes_with_the_one_that_it_points_to(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", FEBRUARY, router="leased")
    operator.adjustment("1", "69.99", date(2026, 3, 5))

    judged = judge_all(operator)

    assert judged.told() == [
        "RL-A01 1 under_billed recoverable 2026-03 69.99",
        "RL-E01 1 under_billed recoverable 2026-03 0.00 by RL-A01",
    ]

    operator.adjustment("1", "69.99", CREDITED)
    assert judge_all(operator).told() == []


def test_an_estimate_is_settled_by_nobody(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.subscription("1", "1-s1", date(2025, 6, 1), state="suspended")
    operator.suspension("1-s1", FEBRUARY)
    operator.whole_months("1", "SLV", "60.00", (1,))
    operator.adjustment("1", "60.00", CREDITED)

    judged = judge_all(operator)

    assert judged.told() == months("RL-G01 1 under_billed at_risk", feb="60.00", mar="60.00")
    assert list(judged.not_judged("adjustment")) == ["billing/Adjustment/1"]


def test_an_account_that_is_not_judged_has_no_adjustment_without_a_cause(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "10291", effective_on=date(2025, 6, 1), offering_id="silver")
    operator.job("1O291", date(2025, 6, 1), "silver", serial_of("1"))
    operator.whole_months("1", "SLV", "45.00", (1, 2, 3))
    operator.adjustment("1", "-45.00", CREDITED)

    assert judge_all(operator).not_judged("adjustment") == {}


def test_the_number_of_buckets_settles_nothing_else(judge_all: JudgeAll) -> None:
    operator = billed_twice("1", "2", "3", "4")
    for account, amount in (("1", "-120.00"), ("2", "-70.00"), ("3", "-1.00")):
        operator.adjustment(account, amount, CREDITED)

    one, several = judge_all(operator), judge_all(operator, buckets=3)

    assert several.outcome == one.outcome
    assert len(one.told()) == 5


def test_the_explanation_shows_what_was_given_back(judge_all: JudgeAll) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-70.00", CREDITED, reason="DUPLICATE")
    judged = judge_all(operator)
    (finding,) = judged.outcome.findings

    explained = explain_service(judged.folder, judged.manifest, "1")

    owed = -sum(amount for month in explained.months for _, amount in month.parts)
    given_back = sum(posted.amount_minor for posted in explained.adjustments)
    assert explained.adjustments == (Posted(CREDITED, "DUPLICATE", -7000, "billing/Adjustment/1"),)
    assert owed + given_back == finding.exposure_minor == 5000


def test_adjustments_before_the_judged_months_are_none_of_their_business(judge_all: JudgeAll) -> None:
    operator = billed_twice("1")
    operator.adjustment("1", "-60.00", date(2025, 12, 31))

    judged = judge_all(operator)

    assert judged.told() == months("RL-B05 1 over_billed refund_due", feb="60.00", mar="60.00")
    assert judged.outcome.not_judged == ()
