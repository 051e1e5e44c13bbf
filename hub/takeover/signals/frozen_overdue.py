"""Recurring jobs that were paused for the take-over and should run again by now, or that nobody answers for."""

from collections.abc import Iterator

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS
from hub.takeover.paused_jobs import jobs_off
from hub.takeover.signals.look import Look, signal


def find(look: Look) -> Iterator[Signal]:
    """Jobs beyond their day, and jobs that are off and on no list; every hand-off waits for them."""
    found = jobs_off(look)
    for handoff in HANDOFFS:
        yield from signal(look, "frozen_overdue", handoff, found)
