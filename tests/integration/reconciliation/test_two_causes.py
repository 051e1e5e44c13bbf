"""Two causes on one service: each keeps its own cents, and no cent is counted twice."""

from datetime import date

from judged import JudgeAll, months, small_operator, unexplained

from tests.fakes.small_operator import next_month, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def test_billed_late_at_the_wrong_tier_at_the_wrong_price(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 10), "gold", ordered="silver")
    operator.line("1", "SLV", date(2026, 1, 20), FEBRUARY, "55.00", "21.29")
    operator.whole_months("1", "SLV", "55.00", (2, 3))

    judged = judge_all(operator)

    assert judged.told() == [
        "RL-A02 1 under_billed recoverable 2026-01 29.03",
        *months("RL-C03 1 under_billed recoverable", jan="11.61", feb="30.00", mar="30.00"),
        *months("RL-C05 1 under_billed recoverable", jan="1.94", feb="5.00", mar="5.00"),
    ]
    assert judged.outcome.not_judged == ()


def test_billed_early_and_twice_in_one_month(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 2, 12))
    operator.line("1", "SLV", date(2026, 2, 5), MARCH, "60.00", "51.43")
    operator.line("1", "SLV", date(2026, 2, 20), MARCH, "60.00", "19.29", "s2")
    operator.whole_months("1", "SLV", "60.00", (3,))
    operator.whole_months("1", "SLV", "60.00", (3,), "s2")

    assert judge_all(operator).told() == [
        "RL-A03 1 over_billed refund_due 2026-02 15.00",
        *months("RL-B05 1 over_billed refund_due", feb="19.29", mar="60.00"),
    ]


def test_a_subscription_that_follows_another_on_the_day_it_ends_is_no_second_one(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.whole_months("1", "SLV", "60.00", (1,))
    operator.line("1", "SLV", FEBRUARY, date(2026, 2, 15), "60.00", "30.00")
    operator.line("1", "SLV", date(2026, 2, 15), MARCH, "50.00", "25.00", "s2")
    operator.whole_months("1", "SLV", "50.00", (3,), "s2")

    assert judge_all(operator).told() == months("RL-C05 1 under_billed recoverable", feb="5.00", mar="10.00")


def test_billed_late_and_its_router_never(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 2, 1), router="leased")
    operator.line("1", "SLV", date(2026, 2, 15), MARCH, "60.00", "30.00")
    operator.whole_months("1", "SLV", "60.00", (3,))

    # Until the fifteenth both are missing because billing had not begun: 30.00 and 9.99 / 2 = 4.995, which is 5.00;
    # the rest of the 9.99 is 4.99.
    assert judge_all(operator).told() == [
        "RL-A02 1 under_billed recoverable 2026-02 34.99",
        *months("RL-E01 1 under_billed recoverable", feb="5.00", mar="9.99"),
    ]


def test_the_wrong_tier_and_a_promotion_that_outlived_its_term(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2025, 12, 1), "gold", ordered="silver", promotion_code="hello")
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("1", "HEL", "-20.00", (1, 2, 3))

    assert judge_all(operator).told() == [
        *months("RL-C03 1 under_billed recoverable", jan="30.00", feb="30.00", mar="30.00"),
        *months("RL-D01 1 under_billed recoverable", feb="20.00", mar="20.00"),
    ]


def test_what_was_billed_too_little_and_too_much_is_never_netted(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 2, 1), router="leased")
    operator.whole_months("1", "SLV", "69.99", (2, 3))  # 9.99 too much, and the router's 9.99 not at all

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-C05 1 over_billed refund_due", feb="9.99", mar="9.99"),
        *months("RL-E01 1 under_billed recoverable", feb="9.99", mar="9.99"),
    ]


def test_a_discount_goes_with_its_charge_and_another_charge_of_the_month_stands_for_itself(
    judge_all: JudgeAll,
) -> None:
    """Access 10.00 too dear, the tenth off it 1.00 too large with it, the router 2.00 too cheap."""
    operator = small_operator()
    operator.installed("1", FEBRUARY, router="leased", promotion_code="tenth")
    operator.whole_months("1", "SLV", "70.00", (2, 3))
    operator.whole_months("1", "TEN", "-7.00", (2, 3))
    operator.whole_months("1", "RTR", "7.99", (2, 3))

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-C05 1 over_billed refund_due", feb="9.00", mar="9.00"),
        *months("RL-C05 1 under_billed recoverable", feb="2.00", mar="2.00"),
    ]
    lines = {
        (one.direction, line.charge): line.exposure_minor for one in judged.outcome.findings for line in one.lines
    }
    assert lines == {
        ("over_billed", "access"): 1000,
        ("over_billed", "tenth"): -100,
        ("under_billed", "rental"): 200,
    }
    assert judged.outcome.not_judged == ()


def test_a_discount_that_outweighs_its_charge_turns_the_direction_of_both(judge_all: JudgeAll) -> None:
    """Access 2.00 too cheap, but 8.00 of the promotion were not given: 6.00 are owed back, and the router apart."""
    operator = small_operator()
    operator.installed("1", FEBRUARY, router="leased", promotion_code="hello")
    operator.whole_months("1", "SLV", "58.00", (2, 3))
    operator.whole_months("1", "HEL", "-12.00", (2, 3))
    operator.whole_months("1", "RTR", "3.99", (2, 3))

    assert judge_all(operator).told() == [
        *months("RL-C05 1 over_billed refund_due", feb="6.00", mar="6.00"),
        *months("RL-C05 1 under_billed recoverable", feb="6.00", mar="6.00"),
    ]


def test_a_service_that_was_never_billed_explains_its_missing_rental(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", FEBRUARY, router="leased")

    judged = judge_all(operator)
    money, explained = sorted(judged.outcome.findings, key=lambda finding: finding.rule_id)

    # 60.00 and 9.99; the rental has a finding of its own, without money and with the name of the one that has it
    assert judged.told() == [
        *months("RL-A01 1 under_billed recoverable", feb="69.99", mar="69.99"),
        "RL-E01 1 under_billed recoverable 2026-02 0.00 by RL-A01",
        "RL-E01 1 under_billed recoverable 2026-03 0.00 by RL-A01",
    ]
    assert (explained.exposure_minor, explained.run_rate_minor) == (0, 0)
    assert explained.explained_by == money.fingerprint
    assert money.explained_by is None


def test_without_the_rule_that_explains_it_no_cent_of_the_rental_is_made_up(judge_all: JudgeAll) -> None:
    """The rental of a service that billing never knew is missing because billing never began, whoever asks."""
    operator = small_operator()
    operator.installed("1", FEBRUARY, router="leased")

    judged = judge_all(operator, "RL-E01")

    assert judged.told() == []
    assert judged.not_judged("difference") == {
        "service/1": "\n".join(
            (
                unexplained("120.00", "access", "2026-02", "2026-03"),
                unexplained("19.98", "rental", "2026-02", "2026-03"),
            )
        )
    }


def test_a_bundle_follows_its_members(judge_all: JudgeAll) -> None:
    """Voice came on the fifteenth and brought the bundle's discount; billing forgot to give it."""
    operator = small_operator()
    operator.clean("1")
    operator.order("1", "991", "change", effective_on=date(2026, 2, 15))
    operator.order_item("991", "voice")
    operator.line("1", "VOI", date(2026, 2, 15), MARCH, "19.99", "10.00")
    operator.whole_months("1", "VOI", "19.99", (3,))
    operator.clean("2")
    operator.order("2", "992", "change", effective_on=date(2026, 2, 15))
    operator.order_item("992", "voice")
    operator.line("2", "VOI", date(2026, 2, 15), MARCH, "19.99", "10.00")
    operator.line("2", "DUO", date(2026, 2, 15), MARCH, "-5.00", "-2.50")
    operator.whole_months("2", "VOI", "19.99", (3,))
    operator.whole_months("2", "DUO", "-5.00", (3,))

    judged = judge_all(operator)

    assert judged.told() == months("RL-D02 1 over_billed refund_due", feb="2.50", mar="5.00")
    assert judged.not_judged("difference") == {}


def test_a_device_on_two_accounts_and_a_wrong_price_on_the_first_stand_beside_each_other(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.whole_months("1", "SLV", "50.00", (1, 2, 3))
    operator.account("2")
    operator.order("2", "92", effective_on=MARCH, offering_id="silver", install_fee_waived=True)
    operator.job("92", MARCH, "silver", serial_of("1"))
    operator.whole_months("2", "SLV", "60.00", (3,))

    assert judge_all(operator).told() == [
        "RL-B05-shared-device 2 over_billed refund_due 2026-03 60.00",
        *months("RL-C05 1 under_billed recoverable", jan="10.00", feb="10.00", mar="10.00"),
    ]


def test_the_discount_of_a_bundle_goes_with_what_it_is_given_on_whichever_way_that_was_billed_wrong(
    judge_all: JudgeAll,
) -> None:
    operator = small_operator()
    operator.installed("1")
    operator.order_item("91", "voice")
    for month in (JANUARY, FEBRUARY):
        operator.line("1", "SLV", month, next_month(month), "60.00", "60.00")
        operator.line("1", "VOI", month, next_month(month), "19.99", "19.99")
        operator.line("1", "DUO", month, next_month(month), "-5.00", "-5.00")
    # March was counted as a day too long, line by line: 1.94 and 0.64 too much, and 0.16 too much of a discount
    operator.line("1", "SLV", MARCH, APRIL, "60.00", "61.94")
    operator.line("1", "VOI", MARCH, APRIL, "19.99", "20.63")
    operator.line("1", "DUO", MARCH, APRIL, "-5.00", "-5.16")

    judged = judge_all(operator)

    assert judged.told() == ["RL-C07 1 over_billed refund_due 2026-03 2.42"]
    assert judged.outcome.not_judged == ()
