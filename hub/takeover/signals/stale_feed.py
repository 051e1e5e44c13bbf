"""Feeds that a hand-off is judged by and that are old: where a source goes quiet, everything seems to agree."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from handoffs.rollback import Signal
from handoffs.stages import HANDOFFS
from hub.takeover.measuring.feeds import feeds_for
from hub.takeover.signals.look import Look

_NEVER = Decimal(9999)
"""Hours, where none of the feeds was ever pulled to its end."""


def find(look: Look) -> Iterator[Signal]:
    """The age of the oldest feed of each hand-off, in hours; always told, for a rule to judge."""
    for handoff in HANDOFFS:
        feeds = feeds_for(look, handoff)
        ages = {
            name: _hours(look.now - each.last_success_at)
            for name, each in feeds.items()
            if each is not None and each.last_success_at is not None
        }  # a source that was added a moment ago is not old; the gate asks for it
        ages = ages or dict.fromkeys(feeds, _NEVER)
        if ages:
            oldest = max(ages, key=lambda name: ages[name])
            said = f"{'/'.join(oldest)} is {ages[oldest]:f} hours old"
            yield Signal("stale_feed", look.market.id, handoff, ages[oldest], ("/".join(oldest),), (said,), len(ages))


def _hours(age: timedelta) -> Decimal:
    return (Decimal(age // timedelta(minutes=1)) / 60).quantize(Decimal("0.1"))
