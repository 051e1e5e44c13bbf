"""Whether what is delivered is billed as it is: B05, C01, C03, C05, D01, E01, G01.

Each test plants one mistake, puts lives beside it that look like it and are right, and judges by all rules. Silver
is 60.00 a month, gold 90.00; January to March 2026 are judged, and all of it can still be billed.
"""

from datetime import date
from decimal import Decimal

import pytest
from judged import JudgeAll, months, small_operator

from canonical_model.catalogue import Catalogue, OfferingPrice, Proration
from reconciliation.engines.duckdb_engine import EngineLimits
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, catalogue, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def test_b05_a_second_subscription_over_the_same_days_is_owed_back(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2", "3"):
        operator.installed(account)
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))
    operator.line("1", "SLV", date(2026, 2, 20), MARCH, "60.00", "19.29", "s2")
    operator.whole_months("1", "SLV", "60.00", (3,), "s2")

    for account, first_new_day in (("2", date(2026, 2, 15)), ("3", MARCH)):  # replaced, on the very day
        operator.whole_months(account, "SLV", "60.00", (1,))
        operator.line(account, "SLV", FEBRUARY, first_new_day, "60.00", "30.00" if account == "2" else "60.00")
    operator.line("2", "SLV", date(2026, 2, 15), MARCH, "60.00", "30.00", "s2")
    operator.order("2", "992", "move", effective_on=date(2026, 2, 15))
    operator.job("992", date(2026, 2, 15), "silver", serial_of("2"))
    for account in ("2", "3"):
        operator.whole_months(account, "SLV", "60.00", (3,), "s2")

    judged = judge_all(operator)

    assert judged.told() == months("RL-B05 1 over_billed refund_due", feb="19.29", mar="60.00")
    assert judged.outcome.not_judged == ()


def claimed_twice() -> SmallOperator:
    """Account 2 has the device of account 1 on its own order, and both are billed."""
    operator = small_operator()
    operator.clean("1")
    operator.account("2")
    operator.order("2", "92", effective_on=FEBRUARY, offering_id="silver", install_fee_waived=True)
    operator.job("92", FEBRUARY, "silver", serial_of("1"))
    operator.whole_months("2", "SLV", "60.00", (2, 3))
    operator.clean("3", months=(1,))  # gave its device back; account 4 has had it since
    operator.order("3", "993", "cease", effective_on=FEBRUARY)
    operator.account("4")
    operator.order("4", "94", effective_on=FEBRUARY, offering_id="silver", install_fee_waived=True)
    operator.job("94", FEBRUARY, "silver", serial_of("3"))
    operator.whole_months("4", "SLV", "60.00", (2, 3))
    return operator


SHARED = months("RL-B05-shared-device 2 over_billed refund_due", feb="60.00", mar="60.00")


def test_b05_a_device_billed_on_two_accounts_is_owed_back_to_the_later_one(judge_all: JudgeAll) -> None:
    judged = judge_all(claimed_twice())

    assert judged.told() == SHARED
    (finding,) = judged.outcome.findings
    assert "billing/ChargeLine/8" in finding.evidence
    assert "olt/NetworkObservation/ABCD00000001" in finding.evidence


@pytest.mark.parametrize("buckets", [2, 3, 4, 5])
def test_b05_two_accounts_of_one_device_are_found_in_whichever_buckets_they_lie(
    judge_all: JudgeAll, buckets: int
) -> None:
    one_process = EngineLimits(processes=1)
    judged = judge_all(claimed_twice(), "RL-B05-shared-device", buckets=buckets, limits=one_process)

    assert judged.told() == SHARED


def test_c01_a_profile_that_nobody_ordered_costs_the_difference_to_what_is_billed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    raised = date(2026, 2, 10)
    for account in ("1", "2", "3"):
        operator.account(account)
        operator.order(account, f"9{account}", effective_on=LAST_YEAR, offering_id="silver", install_fee_waived=True)
        operator.job(f"9{account}", LAST_YEAR, "silver", serial_of(account))
        operator.seen(serial_of(account), "G", raised)
        operator.whole_months(account, "SLV", "60.00", (1,))
    operator.whole_months("1", "SLV", "60.00", (2, 3))
    operator.order("2", "992", "change", effective_on=raised, offering_id="gold")  # ordered, nobody had to visit
    operator.order("3", "993", "change", effective_on=raised, offering_id="gold")  # and here a technician came
    operator.job("993", raised, "gold", serial_of("3"))
    for account in ("2", "3"):
        operator.line(account, "SLV", FEBRUARY, raised, "60.00", "19.29")
        operator.line(account, "GLD", raised, MARCH, "90.00", "61.07")
        operator.whole_months(account, "GLD", "90.00", (3,))

    judged = judge_all(operator)

    # 60.00 x 9 / 28 + 90.00 x 19 / 28 - 60.00 = 19.29 + 61.07 - 60.00
    assert judged.told() == months("RL-C01 1 under_billed recoverable", feb="20.36", mar="30.00")
    assert judged.outcome.not_judged == ()


def test_c01_a_tier_raised_so_late_in_february_that_days_of_30_cost_less_is_owed_back(judge_all: JudgeAll) -> None:
    operator = SmallOperator(proration=Proration(convention="actual_30"))
    operator.clean("7")
    operator.account("1")
    operator.order("1", "91", effective_on=LAST_YEAR, offering_id="silver", install_fee_waived=True)
    operator.job("91", LAST_YEAR, "silver", serial_of("1"))
    operator.seen(serial_of("1"), "G", date(2026, 2, 28))
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))

    judged = judge_all(operator)

    # 60.00 x 27 / 30 + 90.00 x 1 / 30 - 60.00 = 54.00 + 3.00 - 60.00
    assert judged.told() == [
        *months("RL-C01 1 over_billed refund_due", feb="3.00"),
        *months("RL-C01 1 under_billed recoverable", mar="30.00"),
    ]


def test_c03_a_tier_changed_on_site_is_owed_by_whom_it_favoured(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 10), "gold", ordered="silver")
    operator.line("1", "SLV", date(2026, 1, 10), FEBRUARY, "60.00", "42.58")
    operator.whole_months("1", "SLV", "60.00", (2, 3))
    operator.installed("2", date(2026, 1, 10), "silver", ordered="gold")
    operator.line("2", "GLD", date(2026, 1, 10), FEBRUARY, "90.00", "63.87")
    operator.whole_months("2", "GLD", "90.00", (2, 3))

    operator.installed("3", date(2026, 1, 10), "gold", ordered="silver")  # billing heard of it
    operator.line("3", "GLD", date(2026, 1, 10), FEBRUARY, "90.00", "63.87")
    operator.whole_months("3", "GLD", "90.00", (2, 3))
    operator.installed("4", date(2026, 1, 10))  # gold in the morning, put right in the evening
    operator.job("94", date(2026, 1, 10), "gold", completed_at=f"{date(2026, 1, 10)}T09:00:00-05:00")
    operator.line("4", "SLV", date(2026, 1, 10), FEBRUARY, "60.00", "42.58")
    operator.whole_months("4", "SLV", "60.00", (2, 3))

    judged = judge_all(operator)

    # 63.87 - 42.58
    assert judged.told() == [
        *months("RL-C03 1 under_billed recoverable", jan="21.29", feb="30.00", mar="30.00"),
        *months("RL-C03 2 over_billed refund_due", jan="21.29", feb="30.00", mar="30.00"),
    ]
    assert judged.outcome.not_judged == ()


def silver_rises_in_march() -> Catalogue:
    listed = catalogue()
    silver, *others = listed.offerings
    always = date(2020, 1, 1)
    prices = (
        OfferingPrice(amount=Decimal("60.00"), valid_from=always, valid_to=MARCH),
        OfferingPrice(amount=Decimal("65.00"), valid_from=MARCH),
    )
    return listed.model_copy(update={"offerings": (silver.model_copy(update={"prices": prices}), *others)})


def test_c05_a_price_that_is_not_the_catalogues_costs_its_difference_either_way(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    for account in ("1", "2", "3", "4", "5", "6"):
        operator.installed(account)
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))  # the rise missed it
    operator.whole_months("2", "SLV", "67.50", (1, 2, 3))  # a price from nowhere

    operator.whole_months("6", "SLV", "60.00", (1, 2))  # the rise came
    operator.whole_months("6", "SLV", "65.00", (3,))
    operator.alteration("3", "price_override", code="silver", amount_minor=5500, valid_from=LAST_YEAR)
    operator.whole_months("3", "SLV", "55.00", (1, 2, 3))  # grandfathered
    operator.alteration("4", "price_override", code="silver", amount_minor=6000, valid_from=MARCH, valid_to=APRIL)
    operator.whole_months("4", "SLV", "60.00", (1, 2, 3))  # spared the rise for a month
    operator.alteration(
        "5", "price_override", code="silver", amount_minor=5000, valid_from=JANUARY, valid_to=FEBRUARY
    )
    operator.whole_months("5", "SLV", "50.00", (1,))  # and back to the list on the day it ended
    operator.whole_months("5", "SLV", "60.00", (2,))
    operator.whole_months("5", "SLV", "65.00", (3,))

    judged = judge_all(operator, catalogue=silver_rises_in_march())

    assert judged.told() == [
        *months("RL-C05 1 under_billed recoverable", mar="5.00"),
        *months("RL-C05 2 over_billed refund_due", jan="7.50", feb="7.50", mar="2.50"),
    ]
    assert judged.outcome.not_judged == ()


def test_d01_a_discount_beyond_its_term_costs_every_day_of_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    started = date(2025, 12, 11)  # two months of promotion: to 10 February
    for account in ("1", "2", "3"):
        operator.installed(account, started, promotion_code="hello")
        operator.whole_months(account, "SLV", "60.00", (1, 2, 3))
        operator.whole_months(account, "HEL", "-20.00", (1,))
    operator.whole_months("1", "HEL", "-20.00", (2, 3))

    operator.alteration("2", "promotion_extension", code="hello", valid_from=JANUARY, valid_to=APRIL)
    operator.whole_months("2", "HEL", "-20.00", (2, 3))
    operator.line("3", "HEL", FEBRUARY, date(2026, 2, 11), "-20.00", "-7.14")  # ended as it should
    operator.installed("4", LAST_YEAR)  # given to stay, half a year after the start
    operator.order("4", "994", "change", effective_on=FEBRUARY, promotion_code="hello")
    operator.whole_months("4", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("4", "HEL", "-20.00", (2, 3))

    judged = judge_all(operator)

    # 20.00 - 20.00 x 10 / 28 = 20.00 - 7.14
    assert judged.told() == months("RL-D01 1 under_billed recoverable", feb="12.86", mar="20.00")
    assert judged.outcome.not_judged == ()


def test_e01_a_rented_device_that_was_never_billed_costs_its_rent(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2"):
        operator.installed(account, router="leased")
    operator.installed("3", LAST_YEAR, router="customer")  # bought it
    operator.installed("4", LAST_YEAR, router="leased")  # brought an own one in January and gave ours back
    operator.job("94", FEBRUARY, None, router="customer")
    for account in ("1", "2", "3", "4"):
        operator.whole_months(account, "SLV", "60.00", (1, 2, 3))
    operator.whole_months("2", "RTR", "9.99", (1, 2, 3))
    operator.whole_months("4", "RTR", "9.99", (1,))

    judged = judge_all(operator)

    assert judged.told() == months("RL-E01 1 under_billed recoverable", jan="9.99", feb="9.99", mar="9.99")
    assert judged.outcome.not_judged == ()


def test_g01_a_service_that_is_suspended_and_stays_up_may_cost_what_it_would_have_brought(
    judge_all: JudgeAll,
) -> None:
    operator = small_operator()
    stopped = date(2026, 2, 10)
    operator.installed("1")
    operator.installed("2")
    operator.installed("3", dark_since=stopped)  # suspended and dark
    for account in ("1", "2", "3"):
        operator.subscription(account, f"{account}-s1", LAST_YEAR)
        operator.whole_months(account, "SLV", "60.00", (1,))
        operator.line(account, "SLV", FEBRUARY, stopped, "60.00", "19.29")
    operator.suspension("1-s1", stopped)
    operator.suspension("2-s1", stopped, date(2026, 2, 20))  # ten days, and back
    operator.line("2", "SLV", date(2026, 2, 20), MARCH, "60.00", "19.29")
    operator.whole_months("2", "SLV", "60.00", (3,))
    operator.suspension("3-s1", stopped)

    judged = judge_all(operator)

    # 60.00 - 60.00 x 9 / 28 = 60.00 - 19.29
    assert judged.told() == months("RL-G01 1 under_billed at_risk", feb="40.71", mar="60.00")
    assert judged.outcome.not_judged == ()
