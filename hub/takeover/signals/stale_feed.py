"""Feeds that a hand-off is judged by and that are old: where a source goes quiet, everything seems to agree."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS
from hub.takeover.measuring.feeds import streams_for
from hub.takeover.signals.look import Look
from storage.feeds import last_words

_NEVER = Decimal(9999)
"""Hours, where none of the feeds was ever pulled to its end."""


def find(look: Look) -> Iterator[Signal]:
    """The age of the oldest feed of each hand-off, in hours; always told, for a rule to judge."""
    words = last_words(look.connection, look.now)
    for handoff in HANDOFFS:
        streams = streams_for(look.operator, look.market.id, handoff)
        # a source that was added a moment ago is not old; the gate asks for it
        ages = {name: _hours(look.now - words[name]) for name in streams if name in words}
        ages = ages or dict.fromkeys(streams, _NEVER)
        if ages:
            oldest = max(ages, key=lambda name: ages[name])
            said = f"{'/'.join(oldest)} is {ages[oldest]:f} hours old"
            yield Signal("stale_feed", look.market.id, handoff, ages[oldest], ("/".join(oldest),), (said,), len(ages))


def _hours(age: timedelta) -> Decimal:
    return (Decimal(age // timedelta(minutes=1)) / 60).quantize(Decimal("0.1"))
