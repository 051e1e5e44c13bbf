"""Rollback rules: what is done at once when harm is seen while the hub acts; pure.

A signal is what was seen, however it came about. A rule says from where on it counts and what is done: the hand-off
goes back to legacy, it is held until a person has looked, or people are told. Nothing here asks for a cause: a wrong
price, a swapped tag and a lost event are seen by what they do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from handoffs.criteria import Exemption
from handoffs.stages import Handoff

Deed = Literal["roll_back", "hold", "alarm"]

_MOST_NAMED = 10

GRAVITY: dict[Deed, int] = {"alarm": 0, "hold": 1, "roll_back": 2}
"""Where several rules trip, the gravest deed is done."""


@dataclass(frozen=True, slots=True)
class SignalKind:
    """One kind of harm.

    Attributes:
        unit: of what is counted.
        meaning: what was seen, in a sentence.
        at_event: whether it can be looked for in a few works alone, at every event.
        is_of_market: whether its evidence speaks of feeds, jobs and shares, and of no customer's line.
    """

    title: str
    unit: str
    meaning: str
    at_event: bool = True
    is_of_market: bool = False


SIGNALS: dict[str, SignalKind] = {
    "double_bill": SignalKind(
        "Double bill", "services", "a service is billed twice for the same days, or by two subscriptions at once"
    ),
    "double_telling": SignalKind(
        "Told twice", "services", "the hub has told another system the same of one service twice, by two wishes"
    ),
    "wrong_customer": SignalKind(
        "Wrong customer", "services", "a line, a device or a login of one customer carries the service of another"
    ),
    "duplicate_truck": SignalKind(
        "Duplicate truck", "orders", "two jobs of one kind are open for an order, or two jobs drove on one day"
    ),
    "duplicate_order": SignalKind(
        "Duplicate order", "premises", "two open orders ask for the same at one premise, and the hub acts on one"
    ),
    "told_differs": SignalKind(
        "Told wrongly", "services", "the hub told billing another day, product or price than order and proof say"
    ),
    "bill_differs": SignalKind(
        "Unexplained money", "money", "what a service of the hub is billed is not what was delivered and sold"
    ),
    "network_differs": SignalKind(
        "Network differs", "services", "the network shows a service of the hub otherwise than it should stand"
    ),
    "failed_checks": SignalKind(
        "Failed checks", "in a row", "works of the hub, one after the other, that failed or stand at a check"
    ),
    "serial_unknown": SignalKind(
        "Serial nowhere", "works", "a device that a technician left behind is unknown to network and inventory"
    ),
    "unfinished_works": SignalKind(
        "Unfinished works", "works", "a work of the hub is proven, and what has to follow was not told in time"
    ),
    "orders_lying": SignalKind(
        "Orders left lying",
        "orders",
        "orders have no job days after legacy would have made it, and nobody says why",
        at_event=False,
    ),
    "jobs_unreported": SignalKind(
        "Jobs not reported",
        "jobs",
        "jobs were done, as field service or the network show, and no report of them came",
        at_event=False,
    ),
    "time_disorder": SignalKind(
        "Time out of order",
        "events",
        "events come from the future, or were received before they happened",
        at_event=False,
    ),
    "stale_feed": SignalKind(
        "Stale feed", "hours", "a feed that the hand-off is judged by is old", at_event=False, is_of_market=True
    ),
    "silent_stream": SignalKind(
        "Silent stream",
        "streams",
        "a stream brings far less, or far more, than it did on such days",
        at_event=False,
        is_of_market=True,
    ),
    "record_drift": SignalKind(
        "Records drift",
        "fields",
        "records say something else, all at once, than they used to",
        at_event=False,
        is_of_market=True,
    ),
    "foreign_write": SignalKind("Foreign write", "works", "the legacy system acted on a work of the hub"),
    "first_visit_drop": SignalKind(
        "First visits drop",
        "points",
        "fewer jobs of the hub are done at the first visit than legacy's",
        at_event=False,
        is_of_market=True,
    ),
    "late_charge_rise": SignalKind(
        "Late charges rise",
        "points",
        "more charges of the hub's works come late than of legacy's",
        at_event=False,
        is_of_market=True,
    ),
    "versions_changed": SignalKind(
        "Versions changed",
        "changes",
        "rules, mappings, drivers, catalogue or policy changed",
        at_event=False,
        is_of_market=True,
    ),
    "frozen_overdue": SignalKind(
        "Overdue freeze",
        "jobs",
        "a recurring job is paused beyond its day, or off with nobody to answer for it",
        at_event=False,
        is_of_market=True,
    ),
}
"""Every kind of signal by its name."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What was seen in one market of one hand-off.

    Attributes:
        kind: a key of `SIGNALS`.
        measured: in the unit of its kind; money in major units.
        works: those that are concerned, some of them where there are many.
        evidence: a sentence each, without names of customers.
        of: how many were looked at, where the rule asks for a sample.
    """

    kind: str
    market: str
    handoff: Handoff
    measured: Decimal
    works: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    of: int | None = None


@dataclass(frozen=True, slots=True)
class RollbackRule:
    """What is done about a kind of signal.

    Attributes:
        does: what, where it trips.
        above: it trips where more than this was measured.
        sample: of fewer that were looked at it says nothing.
        off: it does not trip until a day, and somebody answers for that.
    """

    kind: str
    does: Deed
    above: Decimal
    sample: int = 0
    off: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """A rule that a signal tripped."""

    rule: RollbackRule
    signal: Signal

    @property
    def said(self) -> str:
        """What was seen, for a person at the desk: it may name logins, serials and accounts."""
        return "; ".join([self._counted, *self.signal.evidence[:3]])

    @property
    def said_outside(self) -> str:
        """The same for a message that leaves the hub: of customers only the numbers of their orders."""
        if SIGNALS[self.signal.kind].is_of_market:
            return self.said
        orders = sorted(work for work in self.signal.works if work.startswith(("order/", "incident/")))
        more = f" and {len(orders) - _MOST_NAMED} more" if len(orders) > _MOST_NAMED else ""
        named = f"; concerned: {', '.join(orders[:_MOST_NAMED])}{more}" if orders else ""
        return f"{self._counted}{named}"

    @property
    def _counted(self) -> str:
        kind = SIGNALS[self.signal.kind]
        counted = f"{self.signal.measured.normalize():f} {kind.unit}, at most {self.rule.above.normalize():f} may be"
        return f"{kind.title}: {kind.meaning} ({counted})"


def tripped(rules: Mapping[str, RollbackRule], signals: Iterable[Signal], today: date) -> list[Trip]:
    """The rules that signals trip, the gravest first; a signal without a rule of its own is an alarm.

    Args:
        rules: of the market, by kind of signal.
        signals: what was seen.
        today: local day of the market, for exemptions.
    """
    found = [Trip(rules.get(each.kind, RollbackRule(each.kind, "alarm", Decimal(0))), each) for each in signals]
    return sorted(
        (trip for trip in found if _trips(trip.rule, trip.signal, today)),
        key=lambda trip: (-GRAVITY[trip.rule.does], trip.signal.handoff, trip.signal.kind),
    )


def deeds(trips: Iterable[Trip]) -> dict[Handoff, Deed]:
    """What is done with each hand-off: the gravest of what its trips ask for."""
    done: dict[Handoff, Deed] = {}
    for trip in trips:
        before = done.get(trip.signal.handoff, trip.rule.does)
        done[trip.signal.handoff] = max(before, trip.rule.does, key=lambda deed: GRAVITY[deed])
    return done


def _trips(rule: RollbackRule, signal: Signal, today: date) -> bool:
    if rule.off is not None and today <= rule.off.until:
        return False
    if rule.sample and (signal.of is None or signal.of < rule.sample):
        return False
    return signal.measured > rule.above
