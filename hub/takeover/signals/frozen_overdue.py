"""Recurring jobs that were paused for the take-over and should run again by now."""

from collections.abc import Iterator

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS
from hub.takeover.signals.look import Look, signal
from storage.frozen_jobs import frozen_jobs


def find(look: Look) -> Iterator[Signal]:
    """Jobs beyond their day; every hand-off waits for them."""
    found = {
        job.name: f"{job.name} is paused by {job.owner} and should run again since {job.resume_by:%Y-%m-%d %H:%M} UTC"
        for job in frozen_jobs(look.connection, look.market.id)
        if job.is_overdue(look.now)
    }
    for handoff in HANDOFFS:
        yield from signal(look, "frozen_overdue", handoff, found)
