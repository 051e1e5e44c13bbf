"""Who called customer care and why, and what the office compared by hand; chance comes from numbers alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Literal

from simulated_estate.life.records import Job, Life
from simulated_estate.life.stage import Correction

CallKind = Literal["fault", "billing", "reconciliation"]


@dataclass(frozen=True, slots=True)
class Call:
    """A case of customer care or of the office.

    Attributes:
        kind: a line that does not work, a question about a bill, or two systems that were compared by hand.
        closed: None while somebody works at it.
        minutes: that people of ours worked at it.
    """

    kind: CallKind
    opened: datetime
    closed: datetime | None
    minutes: int


def calls(life: Life, corrections: Sequence[Correction], until: datetime) -> Iterator[Call]:
    """What was told of an account before a moment: faults, questions, what was compared by hand."""
    for job in life.jobs:
        if job.kind == "repair":
            yield _fault(job)
    rng = Random(f"calls {life.account}")
    asks, days = rng.random() < 0.12, rng.randint(20, 400)
    minutes = rng.randint(4, 18)
    if asks and life.service is not None:
        opened = _at(life, life.service.start + timedelta(days=days), 11)
        if opened + timedelta(minutes=minutes) < until:
            yield Call("billing", opened, opened + timedelta(minutes=minutes), minutes)
    for correction in corrections:
        closed = _at(life, correction.posted_on, 16)
        yield Call("reconciliation", closed - timedelta(days=2, hours=5), closed, rng.randint(20, 90))


def promised_minutes(case: str) -> int:
    """How long somebody talked with a customer who was promised a credit."""
    return Random(f"promise {case}").randint(6, 25)


def _fault(job: Job) -> Call:
    rng = Random(f"fault {job.number}")
    opened = job.created - timedelta(minutes=rng.randint(15, 25))
    closed = job.completion.received if job.completion is not None else None
    return Call("fault", opened, closed, rng.randint(5, 30))


def _at(life: Life, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), life.market.zone)
