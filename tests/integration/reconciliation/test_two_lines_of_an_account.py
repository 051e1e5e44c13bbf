"""Customers with two lines: two services of one account at the same time."""

from datetime import date

import pytest
from judged import JudgeAll, months, small_operator
from several_services import (
    BACK,
    FEBRUARY,
    FIRST,
    JANUARY,
    MARCH,
    SECOND,
    second_bill,
    two_lines,
)

from reconciliation.explain import explain_service
from tests.fakes.small_operator import LAST_YEAR, serial_of


def test_two_lines_are_told_apart_by_their_premises(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))
    second_bill(operator, rate="95.00")

    assert judge_all(operator).told() == [
        *months("RL-C05 1 under_billed recoverable", jan="5.00", feb="5.00", mar="5.00"),
        *months("RL-C05 1/955 over_billed refund_due", feb="2.50", mar="5.00"),
    ]


def test_a_subscription_older_than_the_order_is_of_the_service_at_its_premise(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.subscription("1", "1-s3", LAST_YEAR, premise=SECOND)  # back-dated by a year
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.line("1", "GLD", JANUARY, FEBRUARY, "90.00", "90.00", "s3")
    operator.line("1", "GLD", FEBRUARY, MARCH, "90.00", "90.00", "s3")
    operator.whole_months("1", "GLD", "90.00", (3,), "s3")

    assert judge_all(operator).told() == months("RL-A03 1/955 over_billed refund_due", jan="90.00", feb="45.00")


@pytest.mark.parametrize("hidden", [{"first": None}, {"second": None}, {"first": None, "second": None}])
def test_two_lines_that_billing_does_not_tell_apart_are_not_judged(
    judge_all: JudgeAll, hidden: dict[str, str | None]
) -> None:
    operator = two_lines(**hidden)
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))
    second_bill(operator, rate="95.00")

    judged = judge_all(operator)

    assert judged.told() == []
    assert set(judged.not_judged("record")) == {"service/1", "service/1/955"}
    assert (
        "services 1 and 1/955 live at the same time, and no premise tells which of them subscription 1-s"
        in (judged.not_judged("record")["service/1"])
    )
    assert judged.not_judged("difference") == {}


def test_two_lines_at_one_premise_are_not_judged(judge_all: JudgeAll) -> None:
    operator = two_lines(first=SECOND, second=SECOND)
    operator.records = [
        record.model_copy(update={"premise_id": SECOND}) if getattr(record, "premise_id", None) else record
        for record in operator.records
    ]
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))

    assert judge_all(operator).told() == []


def test_a_charge_that_no_offering_has_entangles_nobody(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    second_bill(operator)
    operator.line("1", "LATE-FEE", MARCH, date(2026, 3, 2), "5.00", "5.00", "s9")

    judged = judge_all(operator)

    assert judged.told() == ["RL-C06 1/955 over_billed at_risk 2026-03 5.00"]
    assert set(judged.not_judged("record")) == {"billing code LATE-FEE"}


def test_a_premise_that_no_order_names_tells_nothing(judge_all: JudgeAll) -> None:
    operator = two_lines(first="elsewhere")
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert set(judged.not_judged("record")) == {"service/1", "service/1/955"}


def test_orders_go_to_the_service_at_their_premise(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.order("1", "961", "change", effective_on=MARCH, offering_id="gold", premise_id=FIRST)
    operator.order_item("961", "voice")
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    second_bill(operator)

    # gold instead of silver, voice, and the bundle of the two: 30.00 and 19.99 - 5.00; all of it at the first premise
    told = judge_all(operator).told()
    difference = judge_all(operator).not_judged("difference")

    assert told == [
        "RL-C01 1 under_billed recoverable 2026-03 30.00",
        "RL-C08 1 under_billed recoverable 2026-03 19.99",
        "RL-D02 1 over_billed refund_due 2026-03 5.00",
    ]
    assert difference == {}


def test_a_cease_ends_the_service_at_its_premise_only(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.records = [one for one in operator.records if one.source_id != serial_of("1")]
    operator.order("1", "961", "cease", effective_on=MARCH, premise_id=FIRST)
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    second_bill(operator)

    assert judge_all(operator).told() == months("RL-B04 1 over_billed refund_due", mar="60.00")


def test_an_order_that_may_be_about_either_of_two_lines_leaves_both_unjudged(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.order("1", "961", "cease", effective_on=MARCH)
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))
    second_bill(operator)

    judged = judge_all(operator)

    reason = "services 1 and 1/955 live at the same time, and no premise tells which of them cease order 961 is for"
    assert judged.told() == []
    assert judged.not_judged("record") == {"service/1": reason, "service/1/955": reason}


def test_a_line_that_moved_is_found_at_its_new_premise(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", premise_id=FIRST)
    operator.order("1", "941", "move", effective_on=JANUARY, premise_id="P-3")
    operator.job("941", JANUARY, "silver", serial_of("1"))
    order = {"effective_on": BACK, "offering_id": "gold", "install_fee_waived": True, "premise_id": FIRST}
    operator.order("1", "955", **order)  # a second line, where the first one was before
    operator.job("955", BACK, "gold", "ABCD0000AAAA")
    operator.seen("ABCD0000AAAA", "G", BACK)
    operator.subscription("1", "1-s1", JANUARY, premise="P-3")
    operator.subscription("1", "1-s2", BACK, premise=FIRST)
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))
    second_bill(operator, rate="95.00")

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-C05 1 under_billed recoverable", jan="5.00", feb="5.00", mar="5.00"),
        *months("RL-C05 1/955 over_billed refund_due", feb="2.50", mar="5.00"),
    ]
    assert judged.outcome.not_judged == ()


def test_an_account_of_hundreds_of_lines_that_nothing_tells_apart_is_listed_line_by_line(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    for number in range(100, 400):
        order = {"effective_on": BACK, "offering_id": "silver", "premise_id": FIRST}
        operator.order("1", str(number), **order)
        operator.job(str(number), BACK, "silver", f"ABCD00000{number}")
    operator.whole_months("1", "SLV", "55.00", (2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert len(judged.not_judged("record")) == 300
    assert judged.not_judged("record")["service/1/399"].endswith(
        "services 1 and 1/101 and 1/102 live at the same time,"
        " and no premise tells which of them subscription 1-s1 is for"
    )


def test_a_suspension_is_of_the_service_of_its_subscription(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.suspension("1-s1", FEBRUARY, MARCH)
    operator.whole_months("1", "SLV", "60.00", (1, 3))
    second_bill(operator)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_an_agreed_price_holds_for_both_lines_of_an_account(judge_all: JudgeAll) -> None:
    operator = two_lines()
    agreed = {"kind": "price_override", "valid_from": JANUARY}
    operator.alteration("1", code="silver", amount_minor=5000, **agreed)
    operator.alteration("1", code="gold", amount_minor=8000, **agreed)
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    second_bill(operator, rate="80.00")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_each_service_is_explained_by_its_own_arithmetic(judge_all: JudgeAll) -> None:
    operator = two_lines()
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))
    second_bill(operator, rate="95.00")
    judged = judge_all(operator)

    for finding in judged.outcome.findings:
        explained = explain_service(judged.folder, judged.manifest, finding.subject)
        assert dict(explained.facts)["service"] == finding.subject
        assert dict(explained.facts)["account"] == "1"
        shares = [cents for month in explained.months for _, cents in month.parts]
        assert abs(sum(shares)) == finding.exposure_minor
