"""Customers who left and came back: two services of one account, one after the other."""

from datetime import date, timedelta

from judged import JudgeAll, months, small_operator
from several_services import (
    APRIL,
    BACK,
    FEBRUARY,
    JANUARY,
    LEFT,
    MARCH,
    ORDERED_AGAIN,
    first_bill,
    left_and_came_back,
    second_bill,
)

from reconciliation.explain import services_of
from tests.fakes.small_operator import LAST_YEAR, serial_of


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

    assert judged.told() == ["RL-A04 order/956 under_billed at_risk 2026-03 90.00"]
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
    assert judge_all(operator).told() == ["RL-A05 1/955 under_billed recoverable 2026-02 99.00"]
    assert judge_all(operator).not_judged("difference") == {}
