"""Which device serves which service, from completions that say too little, too much or something else."""

import re
from datetime import date

import duckdb
import pytest
from judged import JudgeAll, Judged, months, small_operator

from canonical_model.field_work import CompletionMaterial
from reconciliation.explain import explain_service
from reconciliation.snapshot.write import assembly_sql
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
GHOST = "RL-B01 {} under_billed at_risk 2026-01 60.00"


def facts_of(judged: Judged, service: str = "1") -> dict[str, str]:
    return dict(explain_service(judged.folder, judged.manifest, service).facts)


def installed_with(
    *serials: str, expected: str | None = None, work_type: str = "install", bill: str = "60.00"
) -> SmallOperator:
    """Account 1: silver since last year, its completion listing these access devices."""
    operator = small_operator()
    operator.account("1")
    operator.order("1", "91", effective_on=LAST_YEAR, offering_id="silver", install_fee_waived=True)
    operator.job("91", LAST_YEAR, "silver", serials, expected=expected, work_type=work_type)
    operator.whole_months("1", "SLV", bill, (1, 2, 3))
    return operator


def test_a_completion_without_devices_left_the_one_that_its_work_order_expected(judge_all: JudgeAll) -> None:
    operator = installed_with(expected=serial_of("1"))
    operator.seen(serial_of("1"), "S", LAST_YEAR)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
    assert facts_of(judged)["serial"] == serial_of("1")
    assert facts_of(judged)["network_live"] == "True"


def test_a_leased_router_is_no_access_device(judge_all: JudgeAll) -> None:
    operator = installed_with(expected=serial_of("1"))
    operator.seen(serial_of("1"), "S", LAST_YEAR)
    operator.records.append(
        CompletionMaterial(
            market="oldtown",
            source_system="fsm",
            source_object="CompletionMaterial",
            source_id="router",
            work_order_id="wo-2",
            kind="router",
            serial="AABBCCDDEEFF",
            ownership="customer",
        )
    )

    judged = judge_all(operator)

    assert judged.told() == []
    assert facts_of(judged)["serial"] == serial_of("1")


def test_what_was_expected_counts_only_where_the_network_shows_it(judge_all: JudgeAll) -> None:
    judged = judge_all(installed_with(expected=serial_of("1")))

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
    assert "serial" not in facts_of(judged)


def test_a_visit_that_replaced_nothing_leaves_the_device_where_it_is(judge_all: JudgeAll) -> None:
    operator = installed_with(serial_of("1"))
    operator.seen(serial_of("1"), "S", LAST_YEAR)
    operator.job("91", FEBRUARY, "silver", work_type="repair")
    operator.job("91", MARCH, "silver", expected="ABCD0000AAAA", work_type="repair")  # the spare stayed in the truck

    judged = judge_all(operator)

    assert judged.told() == []
    assert facts_of(judged)["serial"] == serial_of("1")


def test_a_device_that_was_expected_and_not_the_one_that_was_left_is_a_ghost(judge_all: JudgeAll) -> None:
    operator = installed_with(serial_of("1"), expected="ABCD0000AAAA")
    operator.seen(serial_of("1"), "S", LAST_YEAR)
    operator.seen("ABCD0000AAAA", "S", LAST_YEAR)

    assert GHOST.format("ABCD0000AAAA") in judge_all(operator).told()


def test_a_device_that_a_finished_job_without_a_report_expected_is_known(judge_all: JudgeAll) -> None:
    operator = installed_with(serial_of("1"))
    operator.seen(serial_of("1"), "S", LAST_YEAR)
    operator.open_job("91", expected_serial="ABCD0000AAAA")
    operator.records[-1] = operator.records[-1].model_copy(update={"state": "completed"})
    operator.seen("ABCD0000AAAA", "S", FEBRUARY)

    assert judge_all(operator).told() == []


def test_a_visit_that_takes_a_device_away_binds_none(judge_all: JudgeAll) -> None:
    operator = installed_with(serial_of("1"))
    operator.seen(serial_of("1"), "S", LAST_YEAR)
    operator.seen("ABCD0000AAAA", "S", LAST_YEAR)
    operator.job("91", FEBRUARY, None, expected="ABCD0000AAAA", work_type="recovery")

    judged = judge_all(operator)

    assert facts_of(judged)["serial"] == serial_of("1")
    assert GHOST.format("ABCD0000AAAA") in judged.told()


# --- two devices on one completion -------------------------------------------------------------------------------


@pytest.mark.parametrize("serials", [("ABCD0000AAAA", "ABCD0000BBBB"), ("ABCD0000BBBB", "ABCD0000AAAA")])
@pytest.mark.parametrize("in_use", ["ABCD0000AAAA", "ABCD0000BBBB"])
def test_of_two_devices_the_one_with_traffic_is_in_use(
    judge_all: JudgeAll, serials: tuple[str, ...], in_use: str
) -> None:
    operator = installed_with(*serials)
    for serial in serials:
        operator.seen(serial, "S", LAST_YEAR, up=serial == in_use)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
    assert facts_of(judged)["serial"] == in_use


@pytest.mark.parametrize("serials", [("ABCD0000AAAA", "ABCD0000BBBB"), ("ABCD0000BBBB", "ABCD0000AAAA")])
def test_of_two_devices_in_the_dark_the_expected_one_counts(judge_all: JudgeAll, serials: tuple[str, ...]) -> None:
    operator = installed_with(*serials, expected="ABCD0000BBBB")

    assert facts_of(judge_all(operator))["serial"] == "ABCD0000BBBB"


def test_two_devices_that_both_carry_traffic_are_left_to_a_person(judge_all: JudgeAll) -> None:
    operator = installed_with("ABCD0000AAAA", "ABCD0000BBBB", bill="50.00")
    operator.seen("ABCD0000AAAA", "S", LAST_YEAR)
    operator.seen("ABCD0000BBBB", "G", LAST_YEAR)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "service/1": (
            "the completion of work order wo-2 leaves ABCD0000AAAA and ABCD0000BBBB, and the network carries traffic"
            " of each: a person must decide which is in use"
        )
    }
    assert judged.not_judged("difference") == {}


def test_of_two_devices_the_one_that_another_service_has_is_not_this_one_s(judge_all: JudgeAll) -> None:
    operator = installed_with("ABCD0000AAAA", serial_of("2"))
    operator.seen("ABCD0000AAAA", "S", LAST_YEAR)
    operator.clean("2")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.outcome.not_judged == ()
    assert facts_of(judged)["serial"] == "ABCD0000AAAA"


def test_a_later_visit_settles_which_of_two_devices_is_in_use(judge_all: JudgeAll) -> None:
    operator = installed_with("ABCD0000AAAA", "ABCD0000BBBB")
    operator.seen("ABCD0000AAAA", "S", LAST_YEAR)
    operator.seen("ABCD0000BBBB", "S", LAST_YEAR)
    operator.job("91", FEBRUARY, "silver", "ABCD0000BBBB", work_type="repair")

    judged = judge_all(operator)

    assert judged.outcome.not_judged == ()
    assert facts_of(judged)["serial"] == "ABCD0000BBBB"


def test_a_device_claimed_by_three_services_is_billed_twice_and_not_thrice(judge_all: JudgeAll) -> None:
    operator = small_operator()
    for account in ("1", "2", "3"):
        operator.account(account)
        facts = {"effective_on": LAST_YEAR, "offering_id": "silver", "install_fee_waived": True}
        operator.order(account, f"9{account}", **facts)
        operator.job(f"9{account}", LAST_YEAR.replace(day=int(account)), "silver", "ABCD0000AAAA")
        operator.whole_months(account, "SLV", "60.00", (1, 2, 3))
    operator.seen("ABCD0000AAAA", "S", LAST_YEAR)

    assert judge_all(operator, "RL-B05-shared-device").told() == [
        *months("RL-B05-shared-device 2 over_billed refund_due", jan="60.00", feb="60.00", mar="60.00"),
        *months("RL-B05-shared-device 3 over_billed refund_due", jan="60.00", feb="60.00", mar="60.00"),
    ]


# --- serials that nearly match -----------------------------------------------------------------------------------


def dark_beside(*ghosts: str, recorded: str = "ABCD12AB34C0") -> SmallOperator:
    """Account 1 has a device that the network does not see; these others carry traffic."""
    operator = installed_with(recorded)
    for serial in ghosts:
        operator.seen(serial, "S", LAST_YEAR)
    return operator


def test_one_unknown_device_one_character_away_is_taken_for_a_typing_mistake(judge_all: JudgeAll) -> None:
    for ghost in ("ABCD12AB34C1", "ABCD12AB43C0", "AXCD12AB34C0".replace("X", "E")):
        judged = judge_all(dark_beside(ghost))
        assert judged.told() == []
        assert set(judged.not_judged("record")) == {"service/1", f"olt/NetworkObservation/{ghost}"}


def test_two_unknown_devices_of_one_box_are_no_typing_mistakes(judge_all: JudgeAll) -> None:
    judged = judge_all(dark_beside("ABCD12AB34C1", "ABCD12AB34C2"))

    assert {line.split()[1] for line in judged.told()} == {"ABCD12AB34C1", "ABCD12AB34C2"}
    assert judged.not_judged("record") == {
        "service/1": "device ABCD12AB34C0 of this service is not seen by any network element"
    }


def test_one_unknown_device_beside_two_dark_lines_of_one_box_is_a_ghost(judge_all: JudgeAll) -> None:
    operator = dark_beside("ABCD12AB34C1")
    operator.clean("2", serial="ABCD12AB34C2")
    operator.records = [record for record in operator.records if record.source_id != "ABCD12AB34C2"]

    judged = judge_all(operator)

    assert {line.split()[1] for line in judged.told()} == {"ABCD12AB34C1"}


def test_a_neighbour_that_another_job_expects_is_known(judge_all: JudgeAll) -> None:
    operator = dark_beside("ABCD12AB34C1")
    operator.clean("2")
    operator.open_job("92", expected_serial="ABCD12AB34C1")

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "service/1": "device ABCD12AB34C0 of this service is not seen by any network element"
    }


def test_a_device_that_the_very_work_order_expected_may_still_be_the_mistyped_one(judge_all: JudgeAll) -> None:
    operator = installed_with("ABCD12AB34C0", expected="ABCD12AB34C1")
    operator.seen("ABCD12AB34C1", "S", LAST_YEAR)

    assert set(judge_all(operator).not_judged("record")) == {"service/1", "olt/NetworkObservation/ABCD12AB34C1"}


def test_a_device_without_traffic_is_not_taken_for_anything(judge_all: JudgeAll) -> None:
    operator = installed_with("ABCD12AB34C0")
    operator.seen("ABCD12AB34C1", "S", LAST_YEAR, up=False)

    judged = judge_all(operator)

    assert judged.told() == []
    assert judged.not_judged("record") == {
        "service/1": "device ABCD12AB34C0 of this service is not seen by any network element"
    }


def test_serials_are_compared_by_equality_and_not_each_with_each() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE binding (service_id INTEGER, serial VARCHAR, bound_to DATE)")
        connection.execute("CREATE TABLE device (serial VARCHAR, is_live BOOLEAN)")
        connection.execute("CREATE TABLE completion_material (serial VARCHAR)")
        connection.execute("CREATE TABLE work_order (work_order_id VARCHAR, expected_serial VARCHAR)")
        connection.execute("CREATE TABLE job (work_order_id VARCHAR, service_id INTEGER)")
        connection.execute(
            "INSERT INTO binding SELECT i, 'CXNK' || printf('%08X', i * 256), DATE '9999-12-31' FROM range(5000) t(i)"
        )
        connection.execute(
            "INSERT INTO device SELECT 'CXNK' || printf('%08X', i * 256 + 1), true FROM range(5000) t(i)"
        )
        plan = connection.execute(f"EXPLAIN (FORMAT json) {assembly_sql('14_typing_mistakes')}").fetchall()[0][1]
        connection.execute(assembly_sql("14_typing_mistakes"))
        matched = connection.execute("SELECT count(*), count(DISTINCT network_serial) FROM near_miss").fetchall()

    steps = set(re.findall(r'"name": "(\w+)"', plan))
    assert {step for step in steps if "JOIN" in step or "PRODUCT" in step} == {"HASH_JOIN"}
    assert matched == [(5000, 5000)]
