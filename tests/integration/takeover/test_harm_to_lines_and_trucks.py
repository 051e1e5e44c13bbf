"""What harms a line or sends a truck in vain is seen, however it came about; what only looks like it is let be."""

from datetime import date, timedelta

import pytest

from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.network import AaaSession, NetworkObservation
from provisioning.change import Change
from provisioning.line import Line
from tests.fakes.acted_works import DONE, DONE_ON, NOW, ORDERED, ActedWorks
from tests.fakes.planted import Plant, Planted, is_let_be, is_seen, start
from tests.fakes.small_operator import serial_of

PLANTED = Planted()
APRIL = date(2026, 4, 1)


# The network


@PLANTED.harm("network_differs")
def the_tags_are_swapped_where_the_profile_is_made(works: ActedWorks) -> None:
    works.good(4, profile={"vlans": {"outer": 1001, "inner": 700}})


@PLANTED.harm("network_differs")
def the_tags_are_swapped_where_the_element_is_told(works: ActedWorks) -> None:
    works.good(4)
    works.journals.pop()
    told = {"serial": serial_of("4"), "outer_vlan": 1001, "inner_vlan": 700}
    line = {"service_id": "5", "market": "oldtown", "element": "olt", "port": "1/1/5", "onu_id": 1, "username": "u5"}
    change = Change(layer="access", line=Line(**line), before=None, after=told).model_dump_json()
    works.saga(5, DONE, order_number=None, changes=(change,))
    start(works, "SO-94/activate/1/start_billing")


@PLANTED.harm("network_differs")
def the_line_is_seen_on_another_element(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), element="olt-2")


@PLANTED.harm("network_differs")
def the_network_gives_another_tier(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), profile="G")


@PLANTED.harm("network_differs")
def the_line_is_locked(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), administrative_state="locked")


@PLANTED.innocent
def the_line_is_down(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), operational_state="down")


@PLANTED.innocent
def the_port_is_told_with_the_number_of_the_terminal(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), port="1/1/1/1")


@PLANTED.innocent
def a_terminal_was_swapped(works: ActedWorks) -> None:
    works.add_job("wo-swap", "91", DONE + timedelta(days=4), work_type="repair", serial=serial_of("111"))
    works.operator.seen(serial_of("111"), "S", DONE_ON + timedelta(days=4))
    works.saga(1, DONE + timedelta(days=4), kind="swap_device", order_number=None, serial=serial_of("111"))
    works.add_job("wo-8", "98", DONE + timedelta(days=9), serial=serial_of("1"))  # the old one, at somebody else's
    works.operator.account("8")
    works.operator.order("8", "98", offering_id="silver", ordered_at=DONE, completed_at=DONE + timedelta(days=9))


@PLANTED.harm("wrong_customer")
def two_services_hang_on_one_place(works: ActedWorks) -> None:
    works.good(4, line={"port": "1/1/1"})


@PLANTED.harm("wrong_customer")
def one_device_carries_two_services(works: ActedWorks) -> None:
    works.good(4, serial=serial_of("1"))


@PLANTED.harm("wrong_customer")
def an_order_is_provisioned_for_another_account(works: ActedWorks) -> None:
    works.good(4, account_number="71")


@PLANTED.harm("wrong_customer")
def the_device_was_left_at_another_customers(works: ActedWorks) -> None:
    works.operator.account("8")
    works.operator.order("8", "98", offering_id="silver", ordered_at=ORDERED, completed_at=DONE)
    works.add_job("wo-8", "98", DONE + timedelta(days=1), serial=serial_of("1"))


@PLANTED.harm("wrong_customer")
def the_session_comes_in_on_the_port_of_another(works: ActedWorks) -> None:
    session(works, "u1", "1/1/2")


@PLANTED.innocent
def the_session_comes_in_where_it_should(works: ActedWorks) -> None:
    session(works, "u1", "1/1/1")


def written(works: ActedWorks, *states: str, before: timedelta = timedelta(hours=2)) -> None:
    """Starts of billing, one after the other, whose sagas are held for a person."""
    for number, state in enumerate(states, start=31):
        at = NOW - before + timedelta(minutes=number - 31)
        works.saga(number, at, state="held", step="release", verified_at=at, working_since=at, completed_at=None)
        fields = {"account_number": f"{number}", "order_number": f"9{number}", "offering_id": "silver"}
        told = {"billing_code": "SLV", "starts_on": f"{NOW:%Y-%m-%d}"}
        key = f"SO-9{number}/activate/1/start_billing"
        works.effect(key, "start_billing", f"account/{number}", fields | told, at, state=state)


def session(works: ActedWorks, login: str, port: str) -> None:
    at = DONE + timedelta(days=25)
    facts = {
        "session_id": "s",
        "username": login,
        "element": "olt",
        "port": port,
        "started_at": at,
        "updated_at": NOW,
    }
    works.operator.add(AaaSession, "olt", **facts)


@PLANTED.harm("failed_checks")
def three_in_a_row_fail_on_one_element_while_another_is_well(works: ActedWorks) -> None:
    failures(works, "verify", "held")


@PLANTED.harm("failed_checks")
def three_in_a_row_are_brought_back(works: ActedWorks) -> None:
    failures(works, "configure_access", "undone")


@PLANTED.harm("failed_checks")
def an_element_fails_every_second_time(works: ActedWorks) -> None:
    works.operator.records.clear()
    works.journals.clear()
    for number in range(12, 22):
        at = DONE + timedelta(hours=number)
        if number % 2:
            works.good(number, day=at)
        else:
            proven = {"verified_at": None, "working_since": None, "completed_at": None}
            works.saga(number, at, state="held", step="verify", **proven)


@PLANTED.harm("failed_checks")
def three_writes_in_a_row_are_not_shown_as_they_were_wanted(works: ActedWorks) -> None:
    written(works, "parked", "parked", "parked")


@PLANTED.harm("failed_checks")
def three_writes_in_a_row_are_not_shown_an_hour_later(works: ActedWorks) -> None:
    written(works, "done", "unknown", "unknown", "unknown")


@PLANTED.innocent
def of_three_writes_in_a_row_one_is_shown(works: ActedWorks) -> None:
    written(works, "parked", "parked", "done", "parked")


@PLANTED.innocent
def three_writes_have_not_been_shown_yet(works: ActedWorks) -> None:
    written(works, "unknown", "unknown", "unknown", before=timedelta(minutes=40))


@PLANTED.innocent
def a_technician_is_asked_three_times(works: ActedWorks) -> None:
    failures(works, "match", "held")


@PLANTED.innocent
def three_jobs_wait_for_their_photographs(works: ActedWorks) -> None:
    failures(works, "gate", "held")


@PLANTED.innocent
def two_in_a_row_fail(works: ActedWorks) -> None:
    failures(works, "verify", "held", many=2)


def failures(works: ActedWorks, step: str, state: str, many: int = 3) -> None:
    works.good(11)
    for number in range(12, 12 + many):
        works.operator.order(f"{number}", f"9{number}", state="inProgress", offering_id="silver", ordered_at=ORDERED)
        at = DONE + timedelta(hours=number)
        proven = {"verified_at": None, "working_since": None, "completed_at": None}
        works.saga(number, at, state=state, step=step, line={"element": "olt-2"}, **proven)
        works.good(number + 10, day=at + timedelta(minutes=5))


@PLANTED.harm("serial_unknown")
def serials_of_the_field_are_spelled_otherwise(works: ActedWorks) -> None:
    works.change(CompletionMaterial, "wo-91", serial="CDAB00000001")


# Trucks and orders


@PLANTED.harm("duplicate_truck")
def two_jobs_of_one_order_are_open(works: ActedWorks) -> None:
    for name in ("wo-a", "wo-b"):
        job = {"work_order_id": name, "order_number": "91", "work_type": "repair", "state": "scheduled"}
        works.operator.add(WorkOrder, "fsm", source_id=name, **job)


@PLANTED.harm("duplicate_truck")
def two_jobs_of_one_order_drive_on_a_day(works: ActedWorks) -> None:
    works.add_job("wo-again", "91", DONE + timedelta(hours=1))


@PLANTED.innocent
def a_second_visit_of_the_same_job_on_a_day(works: ActedWorks) -> None:
    at = DONE - timedelta(hours=4)
    visit = {"visit_number": 2, "arrived_at": at, "left_at": at, "outcome": "return_needed"}
    works.operator.add(WorkOrderVisit, "fsm", source_id="wo-91-2", work_order_id="wo-91", **visit)


@PLANTED.innocent
def a_new_job_after_one_that_could_not_be_done(works: ActedWorks) -> None:
    morning = DONE - timedelta(hours=4)
    works.add_job("wo-before", "91", morning, state="cannot_complete", outcome="no_access")


@PLANTED.innocent
def a_job_on_hold_beside_one_that_is_planned(works: ActedWorks) -> None:
    for name, state in (("wo-a", "on_hold"), ("wo-b", "scheduled")):
        job = {"work_order_id": name, "order_number": "91", "work_type": "repair", "state": state}
        works.operator.add(WorkOrder, "fsm", source_id=name, **job)


@PLANTED.harm("duplicate_order")
def the_same_is_ordered_twice(works: ActedWorks) -> None:
    twins(works, "P5", "P5")


@PLANTED.innocent
def two_flats_of_one_house_order_the_same(works: ActedWorks) -> None:
    twins(works, "P5", "P6")


@PLANTED.innocent
def a_tenant_leaves_and_another_comes(works: ActedWorks) -> None:
    twins(works, "P5", "P5", kind="cease")


def twins(works: ActedWorks, here: str, there: str, kind: str = "new") -> None:
    open_ = {"state": "inProgress", "offering_id": "silver", "ordered_at": NOW - timedelta(days=2)}
    works.operator.order("5", "95", premise_id=here, **open_)
    works.operator.order("6", "96", kind, premise_id=there, **open_)
    proven = {"verified_at": None, "working_since": None, "completed_at": None}
    works.saga(5, NOW - timedelta(hours=1), state="running", step="discover", **proven)


# Works that come to a stand, and times that cannot be


@PLANTED.harm("unfinished_works")
def a_completion_is_lost_on_its_way(works: ActedWorks) -> None:
    works.good(4, state="running", step="gate", completed_at=None)
    works.pulled_at = NOW - timedelta(hours=13)


@PLANTED.innocent
def a_completion_of_days_ago_has_just_come(works: ActedWorks) -> None:
    """A feed that was away brings at once what it has missed: the hub has had no time to go on."""
    works.good(4, state="running", step="gate", completed_at=None)
    works.journals.pop()


@PLANTED.harm("unfinished_works")
def billing_is_never_told(works: ActedWorks) -> None:
    works.good(4)
    works.journals.pop()


@PLANTED.harm("unfinished_works")
def an_effect_waits_for_days(works: ActedWorks) -> None:
    works.effect(
        "SO-91/close", "close_work_order", "work-order/wo-91", {"work_order_id": "wo-91"}, DONE, state="parked"
    )


@PLANTED.innocent
def a_job_is_done_and_reported_a_moment_ago(works: ActedWorks) -> None:
    works.good(4, day=NOW - timedelta(hours=1), state="running", step="gate", completed_at=None)
    works.journals.pop()


@PLANTED.harm("time_disorder")
def a_completion_comes_from_the_future(works: ActedWorks) -> None:
    works.change(FieldCompletion, "wo-91", completed_at=NOW + timedelta(hours=1))


@PLANTED.harm("time_disorder")
def a_completion_was_received_before_it_happened(works: ActedWorks) -> None:
    works.change(
        FieldCompletion, "wo-91", completed_at=NOW - timedelta(hours=5), received_at=NOW - timedelta(hours=6)
    )


@PLANTED.harm("time_disorder")
def every_completion_of_a_day_is_an_hour_late(works: ActedWorks) -> None:
    completions(works, timedelta(hours=1))


@PLANTED.innocent
def some_completions_of_a_day_come_two_days_late(works: ActedWorks) -> None:
    completions(works, timedelta(days=2), many=4)


def completions(works: ActedWorks, late: timedelta, many: int = 6) -> None:
    """Six completions on each of some days; on the last one so many are late by as much."""
    for day in range(4, 10):
        for number in range(6):
            at = NOW - timedelta(days=12 - day, minutes=number)
            lag = late if day == 9 and number < many else timedelta(minutes=3)
            job = f"wo-{day}-{number}"
            works.operator.add(
                FieldCompletion, "fsm", source_id=job, work_order_id=job, completed_at=at, received_at=at + lag
            )


@PLANTED.innocent
def a_completion_comes_in_two_days_late(works: ActedWorks) -> None:
    works.change(FieldCompletion, "wo-91", received_at=DONE + timedelta(days=2))


@pytest.mark.parametrize(("kind", "plant"), PLANTED.harms, ids=[plant.__name__ for _, plant in PLANTED.harms])
def test_harm_is_seen(works: ActedWorks, kind: str, plant: Plant) -> None:
    is_seen(works, kind, plant)


@pytest.mark.parametrize("plant", PLANTED.innocents, ids=[plant.__name__ for plant in PLANTED.innocents])
def test_what_only_looks_like_harm_is_let_be(works: ActedWorks, plant: Plant) -> None:
    is_let_be(works, plant)


def test_where_all_is_well_nothing_trips(works: ActedWorks) -> None:
    assert [trip.said for trip in works.trips()] == []
