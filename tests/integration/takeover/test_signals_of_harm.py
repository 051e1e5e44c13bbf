"""Each sign of harm is seen where the harm is planted, however it came about; what only looks like it is let be."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from canonical_model.billing import ChargeLine, Subscription
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.network import AaaSession, NetworkObservation
from canonical_model.orders import ProductOrder
from handoffs.rollback import SIGNALS
from provisioning.change import Change
from provisioning.line import Line
from tests.fakes.acted_works import DONE, DONE_ON, NOW, ORDERED, ActedWorks
from tests.fakes.small_operator import serial_of

Plant = Callable[[ActedWorks], None]
HARMS: list[tuple[str, Plant]] = []
INNOCENT: list[Plant] = []
APRIL = date(2026, 4, 1)


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Three customers of the hub, and two of the legacy systems, with whom all is well."""
    works = ActedWorks(tmp_path)
    for number in (1, 2, 3):
        works.good(number)
    for account in ("71", "72"):
        works.operator.clean(account)
    return works


def harm(kind: str) -> Callable[[Plant], Plant]:
    """Marks what has to be seen as one kind of signal."""

    def marked(plant: Plant) -> Plant:
        HARMS.append((kind, plant))
        return plant

    return marked


def innocent(plant: Plant) -> Plant:
    """Marks what looks like harm and is none."""
    INNOCENT.append(plant)
    return plant


def start(works: ActedWorks, key: str, number: int = 4, **fields: object) -> None:
    """Billing is told of a service to begin with."""
    given = {
        "account_number": f"{number}",
        "order_number": f"9{number}",
        "offering_id": "silver",
        "billing_code": "SLV",
        "starts_on": DONE_ON.isoformat(),
    }
    works.effect(key, "start_billing", f"account/{number}", given | fields, DONE + timedelta(hours=1))


# Double bills


@harm("double_bill")
def the_same_days_are_charged_twice(works: ActedWorks) -> None:
    works.operator.line("1", "SLV", DONE_ON, APRIL, "60.00", "42.58", bill_id="b1-again")


@harm("double_bill")
def legacy_begins_a_subscription_as_well(works: ActedWorks) -> None:
    works.operator.subscription("1", "legacy-1", DONE_ON + timedelta(days=1), premise="P1")


@harm("double_bill")
def the_old_tier_runs_on_beside_the_new_one(works: ActedWorks) -> None:
    changed(works, ends=None)


@innocent
def a_charge_is_taken_back_and_made_again(works: ActedWorks) -> None:
    works.operator.line("1", "SLV", DONE_ON, APRIL, "60.00", "-42.58", bill_id="b1-back")
    works.operator.line("1", "SLV", DONE_ON, APRIL, "60.00", "42.58", bill_id="b1-again")


@innocent
def two_charges_in_one_period_after_a_change_on_the_same_day(works: ActedWorks) -> None:
    changed(works, ends=DONE_ON)


@innocent
def a_customer_has_a_second_service_at_another_premise(works: ActedWorks) -> None:
    works.good(8, account_number="1")
    order = works.order_of(8)
    works.change(ProductOrder, order, account_number="1")
    works.change(Subscription, "8-s1", account_number="1")
    for line in [
        each for each in works.operator.records if isinstance(each, ChargeLine) and each.account_number == "8"
    ]:
        works.change(ChargeLine, line.source_id, account_number="1")
    retold(works, 8, account_number="1")


@innocent
def a_move_has_two_subscriptions_for_a_week(works: ActedWorks) -> None:
    works.operator.clean("6")
    works.operator.subscription("6", "6-s1", date(2025, 6, 1), date(2026, 3, 17), state="closed", premise="P6")
    works.operator.subscription("6", "6-s2", DONE_ON, premise="P66")
    facts = {"offering_id": "silver", "premise_id": "P66", "ordered_at": ORDERED, "completed_at": DONE}
    works.operator.order("6", "966", "move", **facts)
    works.saga(6, DONE, kind="move", order_number="966")


def changed(works: ActedWorks, ends: date | None) -> None:
    """A customer of last year takes another tier; billing ends the old subscription, or forgets to."""
    works.operator.account("6")
    works.operator.order("6", "96", offering_id="silver", effective_on=date(2025, 6, 1), premise_id="P6")
    works.operator.subscription("6", "6-s1", date(2025, 6, 1), ends, premise="P6")
    works.operator.subscription("6", "6-s2", DONE_ON, premise="P6")
    facts = {"offering_id": "gold", "premise_id": "P6", "ordered_at": DONE - timedelta(hours=3), "completed_at": DONE}
    works.operator.order("6", "966", "change", **facts)
    works.operator.line("6", "SLV", date(2026, 3, 1), DONE_ON, "60.00", "17.42", "s1")
    works.operator.line("6", "GLD", DONE_ON, APRIL, "90.00", "63.87", "s2")
    works.operator.seen(serial_of("6"), "G", DONE_ON)
    gold = {"offering_id": "gold", "aaa_group": "gold", "bandwidth": {"down_maximum": 1000, "up_maximum": 1000}}
    works.saga(6, DONE, kind="change_tier", order_number="966", profile=gold)


def retold(works: ActedWorks, number: int, **fields: object) -> None:
    """What was told last of a service, told with other fields instead."""
    works.journals.pop()
    start(works, f"SO-9{number}/activate/1/start_billing", number, **fields)


# Told twice, and told wrongly


@harm("double_telling")
def two_sagas_tell_billing_of_one_order(works: ActedWorks) -> None:
    works.good(4)
    works.saga(4, DONE + timedelta(days=1), attempt=2)
    start(works, "SO-94/activate/2/start_billing", starts_on="2026-03-11")


@harm("double_telling")
def one_adjustment_is_posted_by_two_wishes(works: ActedWorks) -> None:
    fields = {"account_number": "1", "amount": "5.00", "currency": "USD", "reason": "fee", "posted_on": "2026-03-12"}
    for number in (1, 2):
        works.effect(f"SO-91/fee/{number}", "post_adjustment", "account/1", fields, DONE)


@innocent
def two_pieces_of_one_kind_are_sold_beside_the_access(works: ActedWorks) -> None:
    works.good(4, extra_offering_ids=("router", "router"))
    for piece in (1, 2):
        key = f"SO-94/activate/1/start_billing_of_extra_{piece}"
        start(works, key, offering_id="router", billing_code="RTR")


@innocent
def two_fees_of_one_amount_have_reasons_of_their_own(works: ActedWorks) -> None:
    fields = {"account_number": "1", "amount": "5.00", "currency": "USD", "posted_on": "2026-03-12"}
    for number in (1, 2):
        works.effect(
            f"SO-91/fee/{number}", "post_adjustment", "account/1", fields | {"reason": f"case {number}"}, DONE
        )


@harm("told_differs")
def the_day_is_that_of_greenwich(works: ActedWorks) -> None:
    late = DONE.replace(hour=3) + timedelta(days=1)  # eleven at night on the tenth, in the market
    works.good(4, day=late)
    retold(works, 4, starts_on="2026-03-11")


@innocent
def proven_late_at_night_and_told_of_that_evening(works: ActedWorks) -> None:
    late = DONE.replace(hour=3) + timedelta(days=1)
    works.good(4, day=late)
    retold(works, 4, starts_on="2026-03-10")


@harm("told_differs")
def a_price_of_cents_is_told_as_one_of_dollars(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, monthly_price="6000.00")


@harm("told_differs")
def a_product_is_told_that_the_market_does_not_have(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, offering_id="bronze", billing_code="BRZ")


@harm("told_differs")
def a_code_is_told_of_another_product(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, billing_code="GLD")


@harm("told_differs")
def another_tier_is_told_than_was_sold_and_installed(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, offering_id="gold", billing_code="GLD")


@harm("told_differs")
def billing_begins_without_any_proof(works: ActedWorks) -> None:
    works.good(4, verified_at=None, working_since=None)


@harm("told_differs")
def billing_begins_on_the_day_of_the_order(works: ActedWorks) -> None:
    works.good(4)
    retold(works, 4, starts_on="2026-03-02")


@harm("told_differs")
def a_telephone_is_billed_that_nobody_heard(works: ActedWorks) -> None:
    works.good(4, voice_offering_id="voice", missing_parts={"voice": "is not registered"})
    start(works, "SO-94/activate/1/start_billing_of_voice", offering_id="voice", billing_code="VOI")


@innocent
def a_telephone_is_billed_that_was_registered(works: ActedWorks) -> None:
    works.good(4, voice_offering_id="voice")
    start(works, "SO-94/activate/1/start_billing_of_voice", offering_id="voice", billing_code="VOI")


@innocent
def a_price_that_was_agreed_is_told(works: ActedWorks) -> None:
    works.good(4)
    facts = {"code": "silver", "amount_minor": 5000, "valid_from": date(2026, 3, 1), "approved_by": "anna"}
    works.operator.alteration("4", "price_override", **facts)
    retold(works, 4, monthly_price="50.00")


# Bills


def line_of(works: ActedWorks, account: str) -> str:
    return next(
        each.source_id
        for each in works.operator.records
        if isinstance(each, ChargeLine) and each.account_number == account
    )


@harm("bill_differs")
def a_part_of_a_month_is_charged_by_another_convention(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "1"), amount_minor=4400)  # 22 days of 30


@harm("bill_differs")
def a_bill_is_a_hundred_times_too_high(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "2"), amount_minor=425_800, rate_minor=600_000)


@harm("bill_differs")
def a_bill_begins_before_the_service_did(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "3"), covers_from=date(2026, 3, 1), amount_minor=6000)


@innocent
def what_legacy_bills_its_own_customers_wrongly(works: ActedWorks) -> None:
    works.change(ChargeLine, line_of(works, "71"), amount_minor=1)
    works.operator.whole_months("72", "SLV", "60.00", (3,))


@innocent
def an_account_that_is_billed_from_the_fifteenth(works: ActedWorks) -> None:
    works.operator.cycle("1", 15)
    works.change(ChargeLine, line_of(works, "1"), covers_to=date(2026, 3, 15), amount_minor=1071)


# The network


@harm("network_differs")
def the_tags_are_swapped_where_the_profile_is_made(works: ActedWorks) -> None:
    works.good(4, profile={"vlans": {"outer": 1001, "inner": 700}})


@harm("network_differs")
def the_tags_are_swapped_where_the_element_is_told(works: ActedWorks) -> None:
    works.good(4)
    works.journals.pop()
    told = {"serial": serial_of("4"), "outer_vlan": 1001, "inner_vlan": 700}
    line = {"service_id": "5", "market": "oldtown", "element": "olt", "port": "1/1/5", "onu_id": 1, "username": "u5"}
    change = Change(layer="access", line=Line(**line), before=None, after=told).model_dump_json()
    works.saga(5, DONE, order_number=None, changes=(change,))
    start(works, "SO-94/activate/1/start_billing")


@harm("network_differs")
def the_line_is_seen_on_another_element(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), element="olt-2")


@harm("network_differs")
def the_network_gives_another_tier(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), profile="G")


@harm("network_differs")
def the_line_is_locked(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), administrative_state="locked")


@innocent
def the_line_is_down(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), operational_state="down")


@innocent
def the_port_is_told_with_the_number_of_the_terminal(works: ActedWorks) -> None:
    works.change(NetworkObservation, serial_of("1"), port="1/1/1/1")


@innocent
def a_terminal_was_swapped(works: ActedWorks) -> None:
    works.add_job("wo-swap", "91", DONE + timedelta(days=4), work_type="repair", serial=serial_of("111"))
    works.operator.seen(serial_of("111"), "S", DONE_ON + timedelta(days=4))
    works.saga(1, DONE + timedelta(days=4), kind="swap_device", order_number=None, serial=serial_of("111"))
    works.add_job("wo-8", "98", DONE + timedelta(days=9), serial=serial_of("1"))  # the old one, at somebody else's
    works.operator.account("8")
    works.operator.order("8", "98", offering_id="silver", ordered_at=DONE, completed_at=DONE + timedelta(days=9))


@harm("wrong_customer")
def two_services_hang_on_one_place(works: ActedWorks) -> None:
    works.good(4, line={"port": "1/1/1"})


@harm("wrong_customer")
def one_device_carries_two_services(works: ActedWorks) -> None:
    works.good(4, serial=serial_of("1"))


@harm("wrong_customer")
def an_order_is_provisioned_for_another_account(works: ActedWorks) -> None:
    works.good(4, account_number="71")


@harm("wrong_customer")
def the_device_was_left_at_another_customers(works: ActedWorks) -> None:
    works.operator.account("8")
    works.operator.order("8", "98", offering_id="silver", ordered_at=ORDERED, completed_at=DONE)
    works.add_job("wo-8", "98", DONE + timedelta(days=1), serial=serial_of("1"))


@harm("wrong_customer")
def the_session_comes_in_on_the_port_of_another(works: ActedWorks) -> None:
    session(works, "u1", "1/1/2")


@innocent
def the_session_comes_in_where_it_should(works: ActedWorks) -> None:
    session(works, "u1", "1/1/1")


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


@harm("failed_checks")
def three_in_a_row_fail_on_one_element_while_another_is_well(works: ActedWorks) -> None:
    failures(works, "verify", "held")


@harm("failed_checks")
def three_in_a_row_are_brought_back(works: ActedWorks) -> None:
    failures(works, "configure_access", "undone")


@innocent
def a_technician_is_asked_three_times(works: ActedWorks) -> None:
    failures(works, "match", "held")


@innocent
def three_jobs_wait_for_their_photographs(works: ActedWorks) -> None:
    failures(works, "gate", "held")


@innocent
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


@harm("serial_unknown")
def serials_of_the_field_are_spelled_otherwise(works: ActedWorks) -> None:
    works.change(CompletionMaterial, "wo-91", serial="CDAB00000001")


# Trucks and orders


@harm("duplicate_truck")
def two_jobs_of_one_order_are_open(works: ActedWorks) -> None:
    for name in ("wo-a", "wo-b"):
        job = {"work_order_id": name, "order_number": "91", "work_type": "repair", "state": "scheduled"}
        works.operator.add(WorkOrder, "fsm", source_id=name, **job)


@harm("duplicate_truck")
def two_jobs_of_one_order_drive_on_a_day(works: ActedWorks) -> None:
    works.add_job("wo-again", "91", DONE + timedelta(hours=1))


@innocent
def a_second_visit_of_the_same_job_on_a_day(works: ActedWorks) -> None:
    at = DONE - timedelta(hours=4)
    visit = {"visit_number": 2, "arrived_at": at, "left_at": at, "outcome": "return_needed"}
    works.operator.add(WorkOrderVisit, "fsm", source_id="wo-91-2", work_order_id="wo-91", **visit)


@innocent
def a_new_job_after_one_that_could_not_be_done(works: ActedWorks) -> None:
    morning = DONE - timedelta(hours=4)
    works.add_job("wo-before", "91", morning, state="cannot_complete", outcome="no_access")


@innocent
def a_job_on_hold_beside_one_that_is_planned(works: ActedWorks) -> None:
    for name, state in (("wo-a", "on_hold"), ("wo-b", "scheduled")):
        job = {"work_order_id": name, "order_number": "91", "work_type": "repair", "state": state}
        works.operator.add(WorkOrder, "fsm", source_id=name, **job)


@harm("duplicate_order")
def the_same_is_ordered_twice(works: ActedWorks) -> None:
    twins(works, "P5", "P5")


@innocent
def two_flats_of_one_house_order_the_same(works: ActedWorks) -> None:
    twins(works, "P5", "P6")


@innocent
def a_tenant_leaves_and_another_comes(works: ActedWorks) -> None:
    twins(works, "P5", "P5", kind="cease")


def twins(works: ActedWorks, here: str, there: str, kind: str = "new") -> None:
    open_ = {"state": "inProgress", "offering_id": "silver", "ordered_at": NOW - timedelta(days=2)}
    works.operator.order("5", "95", premise_id=here, **open_)
    works.operator.order("6", "96", kind, premise_id=there, **open_)
    proven = {"verified_at": None, "working_since": None, "completed_at": None}
    works.saga(5, NOW - timedelta(hours=1), state="running", step="discover", **proven)


# Works that come to a stand, and times that cannot be


@harm("unfinished_works")
def a_completion_is_lost_on_its_way(works: ActedWorks) -> None:
    works.good(4, state="running", step="gate", completed_at=None)


@harm("unfinished_works")
def billing_is_never_told(works: ActedWorks) -> None:
    works.good(4)
    works.journals.pop()


@harm("unfinished_works")
def an_effect_waits_for_days(works: ActedWorks) -> None:
    works.effect(
        "SO-91/close", "close_work_order", "work-order/wo-91", {"work_order_id": "wo-91"}, DONE, state="parked"
    )


@innocent
def a_job_is_done_and_reported_a_moment_ago(works: ActedWorks) -> None:
    works.good(4, day=NOW - timedelta(hours=1), state="running", step="gate", completed_at=None)
    works.journals.pop()


@harm("time_disorder")
def a_completion_comes_from_the_future(works: ActedWorks) -> None:
    works.change(FieldCompletion, "wo-91", completed_at=NOW + timedelta(hours=1))


@harm("time_disorder")
def a_completion_was_received_before_it_happened(works: ActedWorks) -> None:
    works.change(
        FieldCompletion, "wo-91", completed_at=NOW - timedelta(hours=5), received_at=NOW - timedelta(hours=6)
    )


@harm("time_disorder")
def every_completion_of_a_day_is_an_hour_late(works: ActedWorks) -> None:
    completions(works, timedelta(hours=1))


@innocent
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


@innocent
def a_completion_comes_in_two_days_late(works: ActedWorks) -> None:
    works.change(FieldCompletion, "wo-91", received_at=DONE + timedelta(days=2))


@pytest.mark.parametrize(("kind", "plant"), HARMS, ids=[plant.__name__ for _, plant in HARMS])
def test_harm_is_seen(works: ActedWorks, kind: str, plant: Plant) -> None:
    plant(works)
    trips = works.trips()
    assert kind in {trip.signal.kind for trip in trips}, [trip.said for trip in trips]
    assert all(trip.signal.works and trip.signal.evidence for trip in trips if trip.signal.kind == kind)


@pytest.mark.parametrize("plant", INNOCENT, ids=[plant.__name__ for plant in INNOCENT])
def test_what_only_looks_like_harm_is_let_be(works: ActedWorks, plant: Plant) -> None:
    plant(works)
    assert [trip.said for trip in works.trips()] == []


@pytest.mark.parametrize(
    ("kind", "plant"),
    [each for each in HARMS if SIGNALS[each[0]].at_event],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_at_an_event_the_works_that_it_is_about_are_enough(works: ActedWorks, kind: str, plant: Plant) -> None:
    plant(works)
    orders = {each.order_number for each in works.operator.records if isinstance(each, ProductOrder)}
    trips = works.trips(works=frozenset(f"order/{number}" for number in orders))
    seen = [work for trip in works.trips() if trip.signal.kind == kind for work in trip.signal.works]
    if any(work.startswith("order/") for work in seen):
        assert kind in {trip.signal.kind for trip in trips}


def test_where_all_is_well_nothing_trips(works: ActedWorks) -> None:
    assert [trip.said for trip in works.trips()] == []
