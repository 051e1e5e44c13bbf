"""Feeds that a hand-off is judged by and that are old: where a source goes quiet, everything seems to agree."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS, Handoff
from hub.takeover.measuring.feeds import streams_for
from hub.takeover.measuring.versions import versions_of
from hub.takeover.signals.look import Look
from storage.feeds import StreamName, first_asked, last_words
from storage.gate_clocks import clocks_of, since_when

_NEVER = Decimal(9999)
"""Hours, where none of the feeds was ever pulled to its end."""


def find(look: Look) -> Iterator[Signal]:
    """The age of the oldest feed of each hand-off, in hours; always told, for a rule to judge.

    One that was never pulled to its end is as old as the first try; one that nobody has tried, as the mappings of the
    hand-off, so that a source which was added a moment ago is not old.
    """
    words = last_words(look.connection, look.now)
    for handoff in HANDOFFS:
        streams = streams_for(look.operator, look.market.id, handoff)
        if not streams:
            continue
        ages = {name: _hours(look.now - (words.get(name) or _asked(look, handoff, name))) for name in streams}
        if not words.keys() & set(streams):
            ages = dict.fromkeys(streams, _NEVER)
        oldest = max(ages, key=lambda name: ages[name])
        old = f"{ages[oldest]:f} hours"
        said = f"is {old} old" if oldest in words else f"was never pulled to its end, {old} after it was asked for"
        name = "/".join(oldest)
        yield Signal("stale_feed", look.market.id, handoff, ages[oldest], (name,), (f"{name} {said}",), len(ages))


def _asked(look: Look, handoff: Handoff, name: StreamName) -> datetime:
    """Since when a stream is asked for, at the latest."""
    if (tried := first_asked(look.connection, *name, look.now)) is not None:
        return tried
    clocks = clocks_of(look.connection, look.market.id, handoff)
    mappings = versions_of(look.operator, look.market.id, handoff).parts["mappings"]
    return since_when(clocks, "mappings", mappings, look.now) or look.now


def _hours(age: timedelta) -> Decimal:
    return (Decimal(age // timedelta(minutes=1)) / 60).quantize(Decimal("0.1"))
