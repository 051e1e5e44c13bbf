"""Billing periods: the days that one bill is for, where they need not be a calendar month.

An account's periods begin on its anchor day of each month, or on the last day of a month that has no such day: 31
gives 30 April and 28 February. Another anchor is told with the day from which it is meant; it holds from its first
anchor day then, and until that day the old one goes on. So the period that runs up to it is a stub, shorter than a
regular one; periods never overlap and leave no day out.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from canonical_model.intervals import DateInterval, add_months

Anchor = tuple[date, int]
"""From which day an anchor is meant, and the day of the month (1 to 31)."""

CALENDAR_ANCHOR = 1
"""The anchor of calendar months."""


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """The days of one bill.

    Attributes:
        days: from the first day up to and without the first of the next period.
        whole: the regular period that they lie in: parts are charged by its length. The same but for a stub.
    """

    days: DateInterval
    whole: DateInterval

    @property
    def is_stub(self) -> bool:
        """Whether it is shorter than a regular one, because the anchor changed."""
        return self.days != self.whole


def anchor_day_from(anchor: int, day: date) -> date:
    """The first anchor day on a day or after it."""
    this_month = _anchor_day(anchor, day)
    return this_month if this_month >= day else _anchor_day(anchor, add_months(day.replace(day=1), 1))


def billing_periods(anchors: Collection[Anchor], start: date, end: date) -> Iterator[BillingPeriod]:
    """The periods that lie wholly between two days, oldest first.

    Args:
        anchors: in any order; the first one held before, too. Two of one day: the later day of the month holds. None
            at all: calendar months.
        start: first day that may belong to a period.
        end: last one, exclusive.
    """
    turns = _turns(anchors)
    first = _next_boundary(turns, start, start)[0]
    while True:
        after_first = date.fromordinal(first.toordinal() + 1)
        following, regular = _next_boundary(turns, first, after_first)
        if following > end:
            return
        yield BillingPeriod(DateInterval(first, following), DateInterval(first, regular))
        first = following


def anchor_in_force(anchors: Collection[Anchor], day: date) -> int:
    """The anchor by which the period of a day runs."""
    return [anchor for since, anchor in _turns(anchors) if since <= day][-1]


def _anchor_day(anchor: int, day: date) -> date:
    first = day.replace(day=1)
    last = date.fromordinal(add_months(first, 1).toordinal() - 1)
    return first.replace(day=min(anchor, last.day))


def _turns(anchors: Collection[Anchor]) -> list[Anchor]:
    """Anchors with the day from which each holds. One that is called off before that day never does."""
    meant = dict(sorted(anchors))
    if not meant:
        return [(date.min, CALENDAR_ANCHOR)]
    (_, first), *changes = meant.items()
    turns = [(date.min, first)]
    for place, (since, anchor) in enumerate(changes):
        holds_from = anchor_day_from(anchor, since)
        called_off = place + 1 < len(changes) and changes[place + 1][0] <= holds_from
        if not called_off:
            turns.append((holds_from, anchor))
    return turns


def _next_boundary(turns: list[Anchor], known: date, earliest: date) -> tuple[date, date]:
    """The first day of a period from a day on, and what it would be if no anchor changed.

    Args:
        turns: what holds from when on.
        known: a day whose anchor is asked for.
        earliest: first day that may be the boundary.
    """
    anchor = [anchor for since, anchor in turns if since <= known][-1]
    regular = anchor_day_from(anchor, earliest)
    changes = [since for since, _ in turns if known < since]
    return min([regular, *changes[:1]]), regular
