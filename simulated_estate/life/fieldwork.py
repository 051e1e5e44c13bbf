"""Technicians: appointments, visits and what they report."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from simulated_estate.life.records import Completion, Job, Placed, Visit
from simulated_estate.life.stage import Stage

_FAILURES: tuple[tuple[Literal["no_access", "return_needed"], str], ...] = (
    ("no_access", "1G no access"),
    ("return_needed", "1A facility shortage"),
    ("return_needed", "1X drop not ready"),
    ("no_access", "1R customer not reached"),
)
REPAIR_CAUSES = ("3L low light", "3D drop damaged", "3P power adapter", "3W inside wiring")
"""Why a line was repaired, as the technician codes it."""
CUSTOMERS_OWN = "5C customer equipment"
"""The cause of a visit that the customer pays for."""
OUTLET = "T-OUTLET"
"""The task code of an outlet more, which is charged; other tasks are not."""
_TECHNICIANS, _CREWS = 36, 6
_NOTES = (
    "",
    "",
    "",
    "Moved drop to side entrance",
    "Dog on premise",
    "Customer asked about mesh",
    "Panel in basement",
)


@dataclass(frozen=True, slots=True)
class Attendance:
    """The visits of a job and the moment at which the work was finished."""

    scheduled: datetime
    visits: tuple[Visit, ...]
    finished: datetime


def attend(stage: Stage, on: date, appointment: date | None = None, cause: str | None = None) -> Attendance:
    """Go there once, or twice where the appointment was on an earlier day and failed."""
    failed: tuple[Visit, ...] = ()
    if appointment is not None and appointment != on:
        failed = (_failed_visit(stage, appointment),)
    scheduled = _on_quarter(stage.moment(on))
    arrived = scheduled + timedelta(minutes=stage.rng.randint(-10, 40))
    finished = arrived + timedelta(minutes=stage.rng.randint(45, 150))
    left = finished + timedelta(minutes=stage.rng.randint(1, 15))
    done = Visit(scheduled, arrived, left, "done", cause)
    first = failed[0].scheduled if failed else scheduled
    return Attendance(first, (*failed, done), finished)


def report(
    stage: Stage, finished: datetime, offering: str | None, devices: tuple[Placed, ...], sync_days: int = 0
) -> Completion:
    """What the technician's tablet sends, minutes later or when it finds coverage again."""
    rng = stage.rng
    received = finished + timedelta(days=sync_days, minutes=rng.randint(2, 60))
    return Completion(finished, received, offering, devices, *_technician(rng), notes=rng.choice(_NOTES))


def crew_name(number: int) -> str:
    """What a crew is called."""
    return f"Crew {number}"


def done_by(job: Job, crew: int, rng: Random) -> Job:
    """The same job, where it was finished, done by a technician of a crew."""
    if job.completion is None:
        return job
    technician, name = _named(crew - 1 + _CREWS * rng.randrange(_TECHNICIANS // _CREWS) or _TECHNICIANS)
    return replace(job, completion=replace(job.completion, technician=technician, crew=name))


def _failed_visit(stage: Stage, day: date) -> Visit:
    scheduled = _on_quarter(stage.moment(day, 8, 16))
    outcome, cause = stage.rng.choice(_FAILURES)
    arrived = scheduled + timedelta(minutes=stage.rng.randint(-5, 50))
    left = arrived + timedelta(minutes=stage.rng.randint(10, 60))
    return Visit(scheduled, arrived, left, outcome, cause)


def _technician(rng: Random) -> tuple[str, str]:
    return _named(rng.randint(1, _TECHNICIANS))


def _named(number: int) -> tuple[str, str]:
    return f"T-{number:03d}", crew_name(1 + number % _CREWS)


def _on_quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15)
