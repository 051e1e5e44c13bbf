"""Accounts with more than one service: customers who came back, and customers with two lines."""

from datetime import date, timedelta

import pytest
from judged import JudgeAll, money, months, small_operator, unexplained

from reconciliation.explain import explain_service, services_of
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, noon, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
LEFT, ORDERED_AGAIN, BACK = date(2026, 1, 16), date(2026, 2, 10), date(2026, 2, 15)
FIRST, SECOND = "P-1", "P-2"


def left_and_came_back(account: str = "1", **ordered: object) -> SmallOperator:
    """A silver customer of last year who left on 16 January and is back with gold since 15 February, order 955."""
    operator = small_operator()
    operator.installed(account, dark_since=LEFT)
    operator.order(account, "945", "cease", effective_on=LEFT)
    facts = {"effective_on": BACK, "offering_id": "gold", "install_fee_waived": True} | ordered
    operator.order(account, "955", ordered_at=noon(ORDERED_AGAIN), **facts)
    operator.job("955", BACK, "gold", "ABCD0000AAAA")
    operator.seen("ABCD0000AAAA", "G", BACK)
    return operator


def first_bill(operator: SmallOperator, account: str = "1") -> None:
    operator.line(account, "SLV", JANUARY, LEFT, "60.00", "29.03")


def second_bill(operator: SmallOperator, account: str = "1", rate: str = "90.00") -> None:
    operator.line(account, "GLD", BACK, MARCH, rate, money(int(float(rate) * 50)), "s2")
    operator.line(account, "GLD", MARCH, APRIL, rate, rate, "s2")


def test_a_customer_who_came_back_and_is_billed_right_is_clean(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    first_bill(operator)
    second_bill(operator)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()


def test_a_finding_of_a_later_service_is_about_it_and_not_about_the_account(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    first_bill(operator)
    second_bill(operator, rate="80.00")

    assert judge_all(operator).told() == months("RL-C05 1/955 under_billed recoverable", feb="5.00", mar="10.00")


def test_two_services_of_an_account_never_net_against_each_other(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    operator.subscription("1", "1-s1", LAST_YEAR)
    first_bill(operator)
    operator.line("1", "SLV", date(2026, 2, 8), date(2026, 2, 22), "60.00", "30.00")
    operator.line("1", "GLD", date(2026, 2, 22), MARCH, "90.00", "22.50", "s2")
    operator.whole_months("1", "GLD", "90.00", (3,), "s2")

    # one service was billed 14 days after it ended, the other is billed 7 days late
    assert judge_all(operator, buckets=3).told() == [
        *months("RL-A02 1/955 under_billed recoverable", feb="22.50"),
        *months("RL-B04 1 over_billed refund_due", feb="30.00"),
    ]


def test_a_bill_that_runs_on_after_the_cease_stays_with_the_service_that_ended(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    operator.subscription("1", "1-s1", LAST_YEAR)
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    second_bill(operator)

    # 60.00 - 60.00 x 15 / 31 in January
    assert judge_all(operator).told() == months(
        "RL-B04 1 over_billed refund_due", jan="30.97", feb="60.00", mar="60.00"
    )


def test_a_bill_that_starts_with_the_order_is_of_the_service_that_was_ordered(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    first_bill(operator)
    operator.line("1", "GLD", ORDERED_AGAIN, MARCH, "90.00", "61.07", "s2")
    operator.whole_months("1", "GLD", "90.00", (3,), "s2")

    # 90.00 x 19 / 28 - 90.00 x 14 / 28
    assert judge_all(operator).told() == months("RL-A03 1/955 over_billed refund_due", feb="16.07")


def test_lines_without_a_subscription_are_told_apart_by_their_own_days(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    first_bill(operator)
    second_bill(operator, rate="80.00")
    operator.records = [
        record.model_copy(update={"subscription_id": None}) if hasattr(record, "covers_from") else record
        for record in operator.records
    ]

    assert judge_all(operator).told() == months("RL-C05 1/955 under_billed recoverable", feb="5.00", mar="10.00")


def test_a_service_that_was_taken_up_again_and_never_billed_again(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    first_bill(operator)

    assert judge_all(operator).told() == months("RL-A01 1/955 under_billed recoverable", feb="45.00", mar="90.00")


def test_an_old_bill_that_goes_on_into_the_days_of_a_new_service_may_stand_for_it(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))

    judged = judge_all(operator)

    reason = (
        "subscription 1-s1 of service 1 goes on while service 1/955 has no bill of its own:"
        " the one may stand for the other"
    )
    assert judged.told() == []
    assert judged.not_judged("record") == {"service/1": reason, "service/1/955": reason}
    assert judged.not_judged("difference") == {}


def test_a_customer_who_came_back_with_the_same_device(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", LAST_YEAR)  # the line is up today, for the second service
    operator.order("1", "945", "cease", effective_on=LEFT)
    operator.order("1", "955", effective_on=BACK, offering_id="silver", install_fee_waived=True)
    operator.job("955", BACK, "silver", serial_of("1"))
    operator.line("1", "SLV", JANUARY, FEBRUARY, "60.00", "60.00")
    operator.line("1", "SLV", BACK, MARCH, "60.00", "30.00", "s2")
    operator.whole_months("1", "SLV", "60.00", (3,), "s2")

    judged = judge_all(operator)

    assert judged.told() == months("RL-B04 1 over_billed refund_due", jan="30.97")
    assert judged.outcome.not_judged == ()


def test_an_order_that_nobody_carried_out_opens_no_service(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.clean("1")
    operator.order("1", "955", state="cancelled", effective_on=FEBRUARY, offering_id="gold")
    operator.order("1", "956", state="inProgress", effective_on=MARCH, offering_id="gold")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
    assert services_of(judged.folder, judged.manifest, "1") == ("1",)


def test_an_order_that_the_field_carried_out_opens_a_service_before_anybody_closes_it(judge_all: JudgeAll) -> None:
    operator = left_and_came_back(state="inProgress")
    first_bill(operator)

    assert judge_all(operator, "RL-A01").told() == months(
        "RL-A01 1/955 under_billed recoverable", feb="45.00", mar="90.00"
    )


def test_names_stay_when_a_service_is_added(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    before = judge_all(operator)
    operator.order("1", "960", effective_on=APRIL, offering_id="silver")
    after = judge_all(operator)

    assert services_of(before.folder, before.manifest, "LV 0001".removeprefix("LV ")) == ("1", "1/955")
    assert services_of(after.folder, after.manifest, "1") == ("1", "1/955", "1/960")
    assert services_of(after.folder, after.manifest, "0001/00955") == ("1/955",)


def test_findings_do_not_depend_on_buckets(judge_all: JudgeAll) -> None:
    operator = left_and_came_back()
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    second_bill(operator, rate="80.00")

    assert {tuple(judge_all(operator, buckets=buckets).told()) for buckets in (1, 2, 5)} == {
        tuple(judge_all(operator).told())
    }


# --- two lines at once -------------------------------------------------------------------------------------------


def two_lines(**billing: str | None) -> SmallOperator:
    """Silver at one premise since last year, gold at another since 15 February; ``billing`` may hide a premise."""
    operator = small_operator()
    operator.installed("1", premise_id=FIRST)
    order = {"effective_on": BACK, "offering_id": "gold", "install_fee_waived": True, "premise_id": SECOND}
    operator.order("1", "955", **order)
    operator.job("955", BACK, "gold", "ABCD0000AAAA")
    operator.seen("ABCD0000AAAA", "G", BACK)
    operator.subscription("1", "1-s1", LAST_YEAR, premise=billing.get("first", FIRST))
    operator.subscription("1", "1-s2", BACK, premise=billing.get("second", SECOND))
    return operator


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

    assert told == []
    assert list(difference) == ["service/1"]


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

    reason = "services 1 and 1/955 live at the same time, and no premise tells which of them cease order 961 is about"
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


# --- what is agreed with the account -----------------------------------------------------------------------------


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


def test_what_was_agreed_while_one_service_lived_is_not_carried_to_the_other(judge_all: JudgeAll) -> None:
    operator = left_and_came_back(offering_id="silver", install_fee_waived=False)
    operator.records = [
        record.model_copy(update={"installed_offering_id": "silver"})
        if getattr(record, "installed_offering_id", None) == "gold"
        else record
        for record in operator.records
    ]
    operator.records = [one for one in operator.records if one.source_id != "ABCD0000AAAA"]
    operator.seen("ABCD0000AAAA", "S", BACK)
    operator.alteration("1", "price_override", code="silver", amount_minor=5000, valid_from=LAST_YEAR, valid_to=LEFT)
    operator.alteration(
        "1",
        "fee_waiver",
        code="install",
        valid_from=LAST_YEAR - timedelta(days=5),
        valid_to=LAST_YEAR + timedelta(days=5),
    )
    operator.line("1", "SLV", JANUARY, LEFT, "50.00", "24.19")
    operator.line("1", "SLV", BACK, MARCH, "60.00", "30.00", "s2")
    operator.whole_months("1", "SLV", "60.00", (3,), "s2")

    # nobody waived the fee of the second installation
    assert judge_all(operator).told() == []
    assert judge_all(operator).not_judged("difference") == {
        "service/1/955": unexplained("99.00", "install", "2026-02")
    }


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
