"""Which lines of a bill count: not those that were taken back, not the same line twice, not a sum of two currencies.

Silver is 60.00 a month; January to March 2026 are judged and their bills are out.
"""

from datetime import date

from judged import JudgeAll, months, small_operator, unexplained

from reconciliation.explain import explain_service
from tests.fakes.small_operator import SmallOperator, next_month

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def silver(operator: SmallOperator, account: str, month: date, amount: str, sub: str = "s1", **facts: object) -> None:
    """A whole month of silver at any amount."""
    operator.line(account, "SLV", month, next_month(month), amount, amount, sub, **facts)  # type: ignore[arg-type]


# Taken back


def test_a_line_that_was_taken_back_on_a_later_bill_was_never_billed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    silver(operator, "1", FEBRUARY, "-60.00", billed_on=date(2026, 4, 1))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {"service/1": unexplained("60.00", "access", "2026-02")}
    (february,) = (
        month
        for month in explain_service(judged.folder, judged.manifest, "1").months
        if (month.period, month.charge) == (FEBRUARY, "access")
    )
    assert (february.billed, february.parts) == ((), (("charge missing from the bill", 6000),))


def test_taken_back_and_billed_again_is_billed_once(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    silver(operator, "1", FEBRUARY, "-60.00", billed_on=date(2026, 4, 1))
    silver(operator, "1", FEBRUARY, "60.00", billed_on=date(2026, 4, 1))
    operator.clean("2", months=(1, 3))
    for amount in ("75.00", "-75.00", "60.00"):  # the price was wrong
        silver(operator, "2", FEBRUARY, amount)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_a_second_subscription_that_was_taken_back_is_none(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.line("1", "SLV", date(2026, 2, 10), MARCH, "60.00", "40.71", "s2")
    operator.line("1", "SLV", date(2026, 2, 10), MARCH, "-60.00", "-40.71", "s2", billed_on=APRIL)
    operator.clean("2")  # taken back under the number of the first subscription
    silver(operator, "2", FEBRUARY, "60.00", "s2")
    silver(operator, "2", FEBRUARY, "-60.00", "s1")
    operator.clean("3")  # and under no number at all
    silver(operator, "3", FEBRUARY, "60.00", "s2")
    silver(operator, "3", FEBRUARY, "-60.00", subscription_id=None)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_what_was_taken_back_in_part_leaves_another_price(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    silver(operator, "1", FEBRUARY, "-20.00")
    operator.installed("2")
    operator.whole_months("2", "SLV", "60.00", (1, 3))
    silver(operator, "2", FEBRUARY, "75.00")
    silver(operator, "2", FEBRUARY, "-10.00")

    assert judge_all(operator).told() == [
        "RL-C05 1 under_billed recoverable 2026-02 20.00",
        "RL-C05 2 over_billed refund_due 2026-02 5.00",
    ]


def test_what_was_taken_back_in_two_parts_was_not_billed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    silver(operator, "1", FEBRUARY, "-40.00")
    silver(operator, "1", FEBRUARY, "-20.00")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {"service/1": unexplained("60.00", "access", "2026-02")}


def test_a_discount_is_taken_back_by_charging_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2025, 12, 1), promotion_code="hello")  # to the end of January
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("1", "HEL", "-20.00", (1, 2))
    operator.line("1", "HEL", FEBRUARY, MARCH, "20.00", "20.00")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_billing_begins_with_the_first_line_that_stands(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", JANUARY)
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    silver(operator, "1", JANUARY, "-60.00", billed_on=MARCH)
    operator.installed("2", FEBRUARY)  # nothing of it stands
    operator.whole_months("2", "SLV", "60.00", (2, 3))
    operator.whole_months("2", "SLV", "-60.00", (2, 3))
    operator.installed("3", date(2026, 2, 15))  # billed from January on by mistake, and put right
    operator.whole_months("3", "SLV", "60.00", (1, 2, 3))
    silver(operator, "3", JANUARY, "-60.00")
    silver(operator, "3", FEBRUARY, "-60.00")
    operator.line("3", "SLV", date(2026, 2, 15), MARCH, "60.00", "30.00")

    assert judge_all(operator).told() == [
        *months("RL-A01 2 under_billed recoverable", feb="60.00", mar="60.00"),
        "RL-A02 1 under_billed recoverable 2026-01 60.00",
    ]


def test_a_line_over_two_months_that_was_taken_back_keeps_nothing_from_being_judged(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    for amount in ("60.00", "-60.00"):
        operator.line("1", "SLV", date(2026, 1, 15), date(2026, 2, 15), amount, amount)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


# The same line twice


def test_the_same_line_twice_is_a_duplicate_and_no_price(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    silver(operator, "1", FEBRUARY, "60.00")
    silver(operator, "1", MARCH, "60.00")
    silver(operator, "1", MARCH, "60.00")
    operator.clean("2")  # without a number
    for _ in range(2):
        operator.line("2", "VOI", FEBRUARY, MARCH, "19.99", "19.99", subscription_id=None)
    operator.order("2", "992", "change", effective_on=FEBRUARY)
    operator.order_item("992", "voice")
    operator.line("2", "DUO", FEBRUARY, MARCH, "-5.00", "-5.00")
    operator.line("2", "VOI", MARCH, APRIL, "19.99", "19.99")
    operator.line("2", "DUO", MARCH, APRIL, "-5.00", "-5.00")

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-B05 1 over_billed refund_due", feb="60.00", mar="120.00"),
        *months("RL-B05 2 over_billed refund_due", feb="19.99"),
    ]
    assert judged.outcome.not_judged == ()


def test_two_lines_of_one_subscription_with_other_days_or_amounts_are_no_duplicates(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    silver(operator, "1", FEBRUARY, "10.00")  # billed for the second time, but not the same
    operator.installed("2")
    operator.whole_months("2", "SLV", "60.00", (1, 3))
    for start, end in ((FEBRUARY, date(2026, 2, 15)), (date(2026, 2, 15), MARCH)):
        operator.line("2", "SLV", start, end, "60.00", "30.00")

    assert judge_all(operator).told() == ["RL-C05 1 over_billed refund_due 2026-02 10.00"]


def test_the_same_fee_twice_on_its_day_is_a_duplicate(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 20), install_fee_waived=False)
    operator.line("1", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
    operator.whole_months("1", "SLV", "60.00", (2, 3))
    for _ in range(2):
        operator.line("1", "INS", date(2026, 1, 20), date(2026, 1, 21), "99.00", "99.00")

    assert judge_all(operator).told() == ["RL-B05 1 over_billed refund_due 2026-01 99.00"]


# Other money


def test_lines_in_other_money_leave_their_account_unjudged(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2))
    silver(operator, "1", MARCH, "60.00", currency="CAD")
    operator.clean("2")  # what was billed before the judged months is nobody's business
    operator.line("2", "SLV", date(2025, 12, 1), JANUARY, "60.00", "60.00", currency="CAD")

    judged = judge_all(operator, months=3)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "service/1": "1 bill lines are in CAD, the money of this market is USD",
    }
    assert judged.not_judged("difference") == {}
    assert judged.manifest.control_totals["billed_minor"] == 2 * 50_00 + 6 * 60_00


# Fees on other bills than their month's


def test_the_fee_of_the_last_judged_month_counts_on_the_bill_after_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 3, 20), install_fee_waived=False)
    operator.line("1", "SLV", date(2026, 3, 20), APRIL, "60.00", "23.23")
    operator.line("1", "INS", date(2026, 4, 1), date(2026, 4, 2), "99.00", "99.00")
    operator.installed("2", date(2026, 1, 3), install_fee_waived=False)  # and that of the first on the one before
    operator.line("2", "SLV", date(2026, 1, 3), FEBRUARY, "60.00", "56.13")
    operator.whole_months("2", "SLV", "60.00", (2, 3))
    operator.line("2", "INS", date(2025, 12, 29), date(2025, 12, 30), "99.00", "99.00")

    judged = judge_all(operator, months=3)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_a_line_outside_the_judged_months_that_no_fee_is_expected_for_counts_nowhere(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.line("1", "INS", date(2026, 4, 1), date(2026, 4, 2), "99.00", "99.00")
    operator.line("1", "SLV", APRIL, date(2026, 5, 1), "60.00", "60.00")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
    assert judged.outcome.billed_minor == 6 * 60_00


def test_a_fee_that_was_billed_before_the_installation_at_a_wrong_price_has_a_wrong_price(
    judge_all: JudgeAll,
) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 2, 12), install_fee_waived=False)
    operator.line("1", "INS", date(2026, 1, 30), date(2026, 1, 31), "109.00", "109.00")
    operator.line("1", "SLV", date(2026, 2, 12), MARCH, "60.00", "36.43")
    operator.whole_months("1", "SLV", "60.00", (3,))

    assert judge_all(operator).told() == ["RL-C05 1 over_billed refund_due 2026-02 10.00"]


# Codes that nobody knows


def maybe(amount: str, charge: str, first: str, last: str) -> str:
    return (
        f"expected minus billed leaves {amount} USD of {charge} from {first} to {last}"
        " that may be in bill lines under codes which no offering of the catalogue has"
    )


def test_a_rental_is_not_called_missing_where_a_line_has_a_code_that_nobody_knows(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2"):
        operator.installed(account, router="leased")
        operator.whole_months(account, "SLV", "60.00", (1, 2, 3))
    operator.whole_months("1", "BOX-OLD", "9.99", (1, 2, 3))
    operator.whole_months("2", "BOX-OLD", "9.99", (1,))

    judged = judge_all(operator)

    at_risk = months("RL-C06 1 over_billed at_risk", jan="9.99", feb="9.99", mar="9.99")
    at_risk += months("RL-C06 2 over_billed at_risk", jan="9.99")
    assert judged.told() == at_risk + months("RL-E01 2 under_billed recoverable", feb="9.99", mar="9.99")
    assert judged.not_judged("difference") == {
        "service/1": maybe("29.97", "rental", "2026-01", "2026-03"),
        "service/2": maybe("9.99", "rental", "2026-01", "2026-01"),
    }
    assert set(judged.not_judged("record")) == {"billing code BOX-OLD"}


def test_a_service_that_goes_on_under_a_code_that_nobody_knows_is_not_called_unbilled(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.whole_months("1", "SLV", "60.00", (1,))
    operator.whole_months("1", "SLV-2026", "60.00", (2, 3))
    operator.installed("2", JANUARY)
    operator.whole_months("2", "SLV-2025", "60.00", (1, 2))
    operator.whole_months("2", "SLV", "60.00", (3,))

    judged = judge_all(operator)

    at_risk = months("RL-C06 1 over_billed at_risk", feb="60.00", mar="60.00")
    assert judged.told() == at_risk + months("RL-C06 2 over_billed at_risk", jan="60.00", feb="60.00")
    assert judged.not_judged("difference") == {
        "service/1": maybe("120.00", "access", "2026-02", "2026-03"),
        "service/2": maybe("120.00", "access", "2026-01", "2026-02"),
    }


def test_what_is_wrong_with_known_lines_is_found_beside_an_unknown_code(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    operator.whole_months("1", "WIFI+", "4.99", (1, 2, 3))

    judged = judge_all(operator)

    wrong_price = months("RL-C05 1 under_billed recoverable", jan="10.00", feb="10.00", mar="10.00")
    assert judged.told() == wrong_price + months("RL-C06 1 over_billed at_risk", jan="4.99", feb="4.99", mar="4.99")
    assert judged.not_judged("difference") == {}


def test_the_explanation_names_the_lines_that_nobody_can_read(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", router="leased")
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("1", "BOX-OLD", "9.99", (2,))
    judged = judge_all(operator)

    explained = explain_service(judged.folder, judged.manifest, "1")

    assert "billing/ChargeLine/7" in explained.evidence
    parts = {month.period: month.parts for month in explained.months if month.charge == "rental"}
    assert parts[FEBRUARY] == (("missing or billed under an unknown code", 999),)
    assert parts[MARCH] == (("charge missing from the bill", 999),)
