"""Whether a service exists, from when and to when: A01, A02, A03, B01, B02, B03, B04.

Each test plants one mistake, puts lives beside it that look like it and are right, and judges by all rules. Silver
is 60.00 a month, gold 90.00; January to March 2026 are judged, and all of it can still be billed.
"""

from datetime import UTC, date, datetime

from judged import JudgeAll, months, small_operator, unexplained

from canonical_model.catalogue import Proration
from tests.fakes.small_operator import LAST_YEAR, catalogue, noon, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def test_a01_an_active_service_that_was_never_billed_costs_its_days_and_its_fee(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 10), install_fee_waived=False)

    operator.installed("2", date(2026, 1, 10))  # billed after all, in March, back to the first day
    operator.line("2", "SLV", date(2026, 1, 10), FEBRUARY, "60.00", "42.58")
    operator.whole_months("2", "SLV", "60.00", (2, 3))
    operator.installed("3", date(2026, 1, 10))  # an approved courtesy account
    operator.alteration("3", "courtesy_account", valid_from=JANUARY, approved_by="CFO")
    operator.installed("4", APRIL)  # will be billed next month

    judged = judge_all(operator)

    # 60.00 x 22 / 31 = 42.58, and 99.00 for the installation
    assert judged.told() == months("RL-A01 1 under_billed recoverable", jan="141.58", feb="60.00", mar="60.00")
    assert judged.outcome.not_judged == ()


def test_a01_is_silent_where_the_line_is_dark_and_the_difference_is_listed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", MARCH, dark_since=MARCH)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {"service/1": unexplained("60.00", "access", "2026-03")}


def test_a02_billing_that_started_late_costs_the_days_before_it(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 10))
    operator.line("1", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")

    operator.installed("2", date(2026, 1, 10))  # the days before were billed in another run
    operator.line("2", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
    operator.line("2", "SLV", date(2026, 1, 10), date(2026, 1, 20), "60.00", "19.35")
    operator.account("3")  # the tablet synchronised ten days late; it happened on the tenth
    operator.order("3", "93", effective_on=date(2026, 1, 20), install_fee_waived=True)
    operator.job("93", date(2026, 1, 10), "silver", serial_of("3"), received_at=noon(date(2026, 1, 20)))
    operator.seen(serial_of("3"), "S", date(2026, 1, 10))
    operator.line("3", "SLV", date(2026, 1, 10), FEBRUARY, "60.00", "42.58")
    operator.account("4")  # half past ten in the evening of the tenth: already the eleventh in UTC
    operator.order("4", "94", effective_on=date(2026, 1, 10), install_fee_waived=True)
    evening = datetime(2026, 1, 11, 3, 30, tzinfo=UTC)
    operator.job("94", date(2026, 1, 10), "silver", serial_of("4"), completed_at=evening)
    operator.seen(serial_of("4"), "S", date(2026, 1, 10))
    operator.line("4", "SLV", date(2026, 1, 10), FEBRUARY, "60.00", "42.58")
    for account in ("1", "2", "3", "4"):
        operator.whole_months(account, "SLV", "60.00", (2, 3))

    judged = judge_all(operator)

    # 60.00 x 22 / 31 - 60.00 x 12 / 31 = 42.58 - 23.23
    assert judged.told() == ["RL-A02 1 under_billed recoverable 2026-01 19.35"]
    assert judged.outcome.not_judged == ()


def test_a02_what_is_too_old_to_bill_afterwards_is_lost(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 1, 10))
    operator.line("1", "SLV", date(2026, 3, 11), APRIL, "60.00", "40.65")

    judged = judge_all(operator, catalogue=catalogue().model_copy(update={"back_bill_months": 1}))

    assert judged.told() == [
        *months("RL-A02 1 under_billed lost", jan="42.58", feb="60.00"),
        *months("RL-A02 1 under_billed recoverable", mar="19.35"),
    ]


def test_a03_days_billed_before_the_service_worked_are_owed_back(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.installed("1", date(2026, 2, 12))
    operator.line("1", "SLV", date(2026, 2, 5), MARCH, "60.00", "51.43")
    operator.whole_months("1", "SLV", "60.00", (3,))

    operator.installed("2", date(2026, 2, 5))  # a second visit repaired it; it had worked since the first
    operator.job("92", date(2026, 2, 12), "silver")
    operator.line("2", "SLV", date(2026, 2, 5), MARCH, "60.00", "51.43")
    operator.whole_months("2", "SLV", "60.00", (3,))
    operator.installed("3", date(2026, 2, 12))  # the early days were credited
    operator.line("3", "SLV", date(2026, 2, 5), MARCH, "60.00", "51.43")
    operator.line("3", "SLV", date(2026, 2, 5), date(2026, 2, 12), "-60.00", "-15.00")
    operator.whole_months("3", "SLV", "60.00", (3,))

    judged = judge_all(operator)

    # 60.00 x 24 / 28 - 60.00 x 17 / 28 = 51.43 - 36.43
    assert judged.told() == ["RL-A03 1 over_billed refund_due 2026-02 15.00"]
    assert judged.outcome.not_judged == ()


def test_b01_a_device_that_nobody_recorded_is_worth_the_list_price_of_its_profile(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.seen("GHST00000001", "G", date(2026, 2, 10))

    operator.seen("GHST0000AAAA", "S", date(2026, 2, 10), up=False)  # dark
    operator.seen("GHST0000BBBB", "S", date(2026, 2, 10))  # a job waits for it
    operator.order("7", "977", "change", state="inProgress", effective_on=APRIL)
    operator.open_job("977", expected_serial="0x" + b"GHST".hex() + "0000bbbb")
    operator.clean("2", serial="ghst-0000cccc")  # recorded by the field, in its own spelling

    judged = judge_all(operator)

    # 90.00 x 19 / 28 = 61.07
    assert judged.told() == months("RL-B01 GHST00000001 under_billed at_risk", feb="61.07", mar="90.00")
    (finding,) = judged.outcome.findings
    assert (finding.subject_kind, finding.run_rate_minor) == ("serial", 9000)
    assert finding.evidence == ("olt/NetworkObservation/GHST00000001",)
    assert judged.outcome.not_judged == ()


def test_b01_a_ghost_beside_a_dark_line_one_character_apart_is_left_to_a_person(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", effective_on=LAST_YEAR, offering_id="silver")
    operator.job("91", LAST_YEAR, "silver", "ABCD12AB34CD")
    operator.seen("ABCD12AB3C4D", "S", LAST_YEAR)  # two digits changed places on the way to the tablet
    operator.whole_months("1", "SLV", "55.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "service/1": (
            "the field recorded serial ABCD12AB34CD, the network shows ABCD12AB3C4D, one character apart:"
            " a person must decide which is right"
        ),
        "olt/NetworkObservation/ABCD12AB3C4D": (
            "device ABCD12AB3C4D on olt nearly matches a serial that the field recorded"
        ),
    }
    assert judged.not_judged("difference") == {}


def test_b01_a_ghost_on_a_profile_that_nobody_sells_has_no_price_but_is_listed(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.seen("GHST00000001", "TRIAL", date(2026, 2, 10))
    operator.seen("GHST00000002", "TRIAL", date(2026, 2, 10), up=False)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "olt/NetworkObservation/GHST00000001": (
            "device GHST00000001 on olt carries traffic and no field record knows it;"
            " no offering has its profile TRIAL, so it has no price"
        )
    }


def test_b02_what_was_never_installed_and_is_billed_is_owed_back_whole(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", effective_on=JANUARY, offering_id="silver", install_fee_waived=True)
    operator.open_job("91")
    operator.whole_months("1", "SLV", "60.00", (1, 2, 3))

    operator.account("2")  # no element shows its device, but a technician was there and left it
    operator.order("2", "92", effective_on=LAST_YEAR, offering_id="silver")
    operator.job("92", LAST_YEAR, "silver", serial_of("2"))
    operator.whole_months("2", "SLV", "60.00", (1, 2, 3))

    judged = judge_all(operator)

    assert judged.told() == months("RL-B02 1 over_billed refund_due", jan="60.00", feb="60.00", mar="60.00")
    assert judged.not_judged("record") == {
        "service/2": "device ABCD00000002 of this service is not seen by any network element"
    }


def test_b02_an_installation_that_is_open_for_thirty_days_is_no_finding_yet(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", effective_on=MARCH, offering_id="silver", install_fee_waived=True)
    operator.open_job("91")
    operator.line("1", "SLV", date(2026, 3, 2), APRIL, "60.00", "58.06")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("difference") == {"service/1": unexplained("-58.06", "access", "2026-03")}


def test_b03_a_line_that_stays_up_after_billing_ended_costs_the_days_since(judge_all: JudgeAll) -> None:
    operator = small_operator()
    closed = date(2026, 2, 15)
    operator.installed("1", LAST_YEAR)
    operator.installed("2", LAST_YEAR)  # the order book has the end as well; the line is still up
    operator.order("2", "992", "cease", effective_on=closed)
    operator.installed("3", LAST_YEAR, dark_since=closed)  # ended everywhere on one day
    operator.order("3", "993", "cease", effective_on=closed)
    for account in ("1", "2", "3"):
        operator.subscription(account, f"{account}-s1", LAST_YEAR, closed, "closed")
        operator.whole_months(account, "SLV", "60.00", (1,))
        operator.line(account, "SLV", FEBRUARY, closed, "60.00", "30.00")
    operator.installed("4", LAST_YEAR)  # moved house: another subscription goes on where the first ended
    operator.order("4", "994", "move", effective_on=closed)
    operator.job("994", closed, "silver", serial_of("4"))
    operator.whole_months("4", "SLV", "60.00", (1,))
    operator.line("4", "SLV", FEBRUARY, closed, "60.00", "30.00")
    operator.line("4", "SLV", closed, MARCH, "60.00", "30.00", "s2")
    operator.whole_months("4", "SLV", "60.00", (3,), "s2")

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-B03 1 under_billed recoverable", feb="30.00", mar="60.00"),
        *months("RL-B03 2 under_billed recoverable", feb="30.00", mar="60.00"),
    ]
    assert judged.outcome.not_judged == ()


def test_b03_billing_that_was_closed_within_the_free_days_was_closed_and_not_never_begun(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.proration = Proration(convention="actual_actual", first_month="free")
    begun = date(2026, 1, 10)
    for account in ("1", "2", "3", "4"):
        operator.installed(account, begun)
    operator.subscription("1", "1-s1", begun, date(2026, 1, 22), "closed")  # nothing of it was chargeable yet
    operator.subscription("2", "2-s1", begun, date(2026, 1, 22), "closed")  # another one went on, and is not billed
    operator.subscription("2", "2-s2", date(2026, 1, 22))
    operator.subscription("3", "3-s1", LAST_YEAR, LAST_YEAR, "closed")  # closed before there was a service
    # billing never heard of the fourth

    judged = judge_all(operator)

    assert judged.told() == [
        *months("RL-A01 2 under_billed recoverable", feb="60.00", mar="60.00"),
        *months("RL-A01 3 under_billed recoverable", feb="60.00", mar="60.00"),
        *months("RL-A01 4 under_billed recoverable", feb="60.00", mar="60.00"),
        *months("RL-B03 1 under_billed recoverable", feb="60.00", mar="60.00"),
    ]


def test_b03_the_free_days_of_an_account_with_another_cycle_are_its_own(judge_all: JudgeAll) -> None:
    operator = small_operator()
    operator.proration = Proration(convention="actual_actual", first_month="free")
    operator.installed("1", date(2026, 1, 10))
    operator.cycle("1", 17)
    operator.subscription("1", "1-s1", date(2026, 1, 10), date(2026, 1, 15), "closed")
    operator.installed("2", date(2026, 1, 10))
    operator.cycle("2", 17)
    operator.subscription(
        "2", "2-s1", date(2026, 1, 10), date(2026, 1, 22), "closed"
    )  # the days from the 17th were never billed

    judged = judge_all(operator)

    assert {line[:8] for line in judged.told()} == {"RL-B03 1", "RL-A01 2"}


def test_b04_what_is_billed_after_the_end_of_the_service_is_owed_back(judge_all: JudgeAll) -> None:
    operator = small_operator()
    ceased = date(2026, 2, 10)
    for account in ("1", "2"):
        operator.installed(account, LAST_YEAR, dark_since=ceased)
        operator.order(account, f"99{account}", "cease", effective_on=ceased)
        operator.whole_months(account, "SLV", "60.00", (1, 2))
    operator.whole_months("1", "SLV", "60.00", (3,))
    operator.line("2", "SLV", ceased, MARCH, "-60.00", "-40.71")  # credited with the final bill
    operator.installed("3", LAST_YEAR)  # the customer thought better of it
    operator.order("3", "993", "cease", effective_on=ceased, state="cancelled")
    operator.whole_months("3", "SLV", "60.00", (1, 2, 3))
    two_days_later = date(2026, 4, 1)
    operator.account("4")  # two days to take the line down are no leak, though its element still calls it up
    operator.order("4", "94", effective_on=LAST_YEAR, offering_id="silver", install_fee_waived=True)
    operator.job("94", LAST_YEAR, "silver", serial_of("4"))
    operator.seen(serial_of("4"), "S", LAST_YEAR, traffic=two_days_later)
    operator.order("4", "994", "cease", effective_on=date(2026, 3, 30))
    operator.whole_months("4", "SLV", "60.00", (1, 2))
    operator.line("4", "SLV", MARCH, date(2026, 3, 30), "60.00", "56.13")
    operator.clean("5", months=(1,))  # gave its device back; another customer has had it since
    operator.order("5", "995", "cease", effective_on=FEBRUARY)
    operator.account("6")
    operator.order("6", "96", effective_on=FEBRUARY, offering_id="gold", install_fee_waived=True)
    operator.job("96", FEBRUARY, "silver", serial_of("5"))
    operator.whole_months("6", "SLV", "60.00", (2, 3))

    judged = judge_all(operator)

    # 60.00 - 60.00 x 9 / 28 = 60.00 - 19.29
    assert judged.told() == months("RL-B04 1 over_billed refund_due", feb="40.71", mar="60.00")
    assert judged.outcome.not_judged == ()
