"""Jobs that were done and of which no report came are seen; technicians who are always late are none of these."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from canonical_model.field_work import FieldCompletion, WorkOrder, WorkOrderState, WorkType
from canonical_model.network import NetworkObservation
from tests.fakes.acted_works import NOW, ActedWorks
from tests.fakes.planted import Plant, Planted, is_let_be, is_seen

PLANTED = Planted()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def job(
    works: ActedWorks,
    number: int,
    at: datetime,
    after: timedelta | None = HOUR,
    state: WorkOrderState = "completed",
    serial: str | None = None,
    work_type: WorkType = "install",
) -> None:
    """A job of a customer of legacy, and its report after a while; none where it was lost."""
    name, order = f"wo-{number}", f"7{number:04}"
    works.operator.order("71", order, "new", offering_id="silver", ordered_at=at - 5 * DAY, state="completed")
    said: dict[str, Any] = {"work_order_id": name, "order_number": order, "work_type": work_type}
    said |= {"state": state, "created_at": at - 4 * DAY, "scheduled_for": at, "expected_serial": serial}
    works.operator.add(WorkOrder, "fsm", source_id=name, **said)
    if after is not None:
        done = min(at + HOUR, at + after)
        report: dict[str, Any] = {"work_order_id": name, "completed_at": done, "received_at": at + after}
        works.operator.add(FieldCompletion, "fsm", source_id=name, **report)


def weeks(works: ActedWorks, after: timedelta | None = HOUR, first: int = 16) -> None:
    """A job on each day of the weeks before the last two, or of the last two as well."""
    for number in range(first, 66):
        job(works, number, NOW - timedelta(days=number), after)


def last_days(
    works: ActedWorks,
    lost: int,
    many: int,
    every: timedelta = timedelta(hours=6),
    state: WorkOrderState = "completed",
    serials: bool = False,
) -> None:
    """Jobs of the last days, the youngest two days old; of the youngest no report came."""
    for number in range(many):
        serial = f"CXNK00A0{number:04X}" if serials else None
        job(works, 100 + number, NOW - 30 * HOUR - number * every, None if number < lost else HOUR, state, serial)


def shown(works: ActedWorks, number: int, state: str) -> None:
    seen = {"element": "olt-1", "port": f"1/1/{number}", "observed_at": NOW - HOUR, "operational_state": state}
    serial = f"CXNK00A0{number:04X}"
    works.operator.add(NetworkObservation, "olt", source_id=serial, serial=serial, **seen)


@PLANTED.harm("jobs_unreported")
def most_reports_of_two_days_are_lost(works: ActedWorks) -> None:
    weeks(works)
    last_days(works, lost=4, many=8)


@PLANTED.harm("jobs_unreported")
def one_in_four_is_lost_for_two_weeks(works: ActedWorks) -> None:
    weeks(works)
    for number in range(54):
        job(works, 100 + number, NOW - 30 * HOUR - number * 6 * HOUR, None if number % 4 == 0 else HOUR)


@PLANTED.harm("jobs_unreported")
def the_network_shows_that_the_jobs_were_done(works: ActedWorks) -> None:
    weeks(works)
    last_days(works, lost=5, many=8, state="in_progress", serials=True)
    for number in range(5):
        shown(works, number, "up")


@PLANTED.innocent
def two_reports_are_lost(works: ActedWorks) -> None:
    weeks(works)
    last_days(works, lost=2, many=8)


@PLANTED.innocent
def technicians_have_always_reported_days_later(works: ActedWorks) -> None:
    weeks(works, 3 * DAY)
    last_days(works, lost=6, many=8)


@PLANTED.innocent
def nobody_says_that_the_jobs_were_done(works: ActedWorks) -> None:
    weeks(works)
    last_days(works, lost=6, many=8, state="scheduled", serials=True)
    for number in range(3):
        shown(works, number, "down")


@PLANTED.innocent
def the_device_was_there_before_the_jobs(works: ActedWorks) -> None:
    weeks(works, first=1)
    for number in range(6):
        job(works, 100 + number, NOW - 30 * HOUR, None, "scheduled", f"CXNK00A0{number:04X}", "change")
        shown(works, number, "up")


@PLANTED.innocent
def jobs_were_done_days_before_they_were_appointed(works: ActedWorks) -> None:
    weeks(works)
    last_days(works, lost=0, many=2)
    for number in range(6):
        job(works, 200 + number, NOW - 30 * HOUR, -9 * DAY)


@PLANTED.innocent
def jobs_were_called_off(works: ActedWorks) -> None:
    weeks(works, first=1)
    last_days(works, lost=6, many=6, state="cancelled")


@PLANTED.innocent
def jobs_are_of_this_morning(works: ActedWorks) -> None:
    weeks(works, first=1)
    for number in range(8):
        job(works, 100 + number, NOW - timedelta(hours=2 + number), None)


@PLANTED.innocent
def nobody_knows_how_jobs_were_reported_before(works: ActedWorks) -> None:
    last_days(works, lost=6, many=8)


@pytest.mark.parametrize(("kind", "plant"), PLANTED.harms, ids=[plant.__name__ for _, plant in PLANTED.harms])
def test_harm_is_seen(works: ActedWorks, kind: str, plant: Plant) -> None:
    is_seen(works, kind, plant)


@pytest.mark.parametrize("plant", PLANTED.innocents, ids=[plant.__name__ for plant in PLANTED.innocents])
def test_what_looks_like_it_is_let_be(works: ActedWorks, plant: Plant) -> None:
    is_let_be(works, plant)
