"""What a stream as a whole must live up to: how much it brings, and how old its newest change may be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from rules.judgements import Judgement, Verdict
from rules.quality_suite import Severity

FEWEST_DAYS = 3
"""Of fewer days nothing is usual."""
DAYS_OF_A_WEEK = 7

VOLUME, FRESHNESS = "volume", "freshness"


@dataclass(frozen=True, slots=True)
class VolumeRule:
    """Bounds of a day's changes, in percent of the usual day.

    Attributes:
        days: how many days before are the usual.
        most_percent: None for any.
    """

    days: int
    least_percent: int
    most_percent: int | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class FreshnessRule:
    """How old the newest change may be."""

    within: timedelta
    severity: Severity


@dataclass(frozen=True, slots=True)
class FeedSuite:
    """The rules of a stream; None where there is none of a kind."""

    volume: VolumeRule | None = None
    freshness: FreshnessRule | None = None

    @property
    def version(self) -> str:
        """Equal for equal rules."""
        return sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual day of a stream.

    Attributes:
        total: records that came new, changed or deleted on the days that it is the mean of; never 0.
        days: how many those were.
        is_of_weekday: whether they were all of one day of the week.
    """

    total: int
    days: int
    is_of_weekday: bool

    @property
    def changes(self) -> int:
        """Records of the mean day."""
        return self.total // self.days


def changes_by_day(pulls: Sequence[tuple[datetime, int]], now: datetime, days: int) -> dict[int, int]:
    """Records that came new, changed or deleted, by how many days ago; days have 24 hours, and the last, 0, ends now.

    What a pull brought happened since the one before it, and counts for each day by its share of that time: a night
    on which the source was away, or a pull that is an hour early, makes no day unusual.

    Args:
        pulls: start and changes of each, in the order of time. Of the first one only the start is used.
        now: where the last day ends.
        days: how many days before the last one are told, at most; those before the first pull are left out.
    """
    day = timedelta(days=1)
    found: dict[int, float] = {}
    for (began, _), (ended, changes) in pairwise(pulls):
        oldest, newest = (now - began) // day, max((now - ended) // day, 0)
        for place in range(newest, min(oldest, days) + 1):
            begin, end = max(began, now - day * (place + 1)), min(ended, now - day * place)
            share = (end - begin) / (ended - began) if ended > began else float(place == newest)
            found[place] = found.get(place, 0.0) + changes * max(share, 0.0)
    whole = (now - pulls[0][0]) // day if pulls else 0
    return {place: round(changes) for place, changes in found.items() if place < whole}


def usual_day(before: Mapping[int, int], holidays: Collection[int]) -> Usual | None:
    """What is usual: on the same day of the week where there were enough of them, else on any day.

    Args:
        before: as ``changes_by_day`` gives them, 1 being yesterday.
        holidays: days on which less happens than is usual.

    Returns:
        The usual day; None where there were too few days, or nothing ever changed on them.
    """
    working = {day: count for day, count in before.items() if day > 0 and day not in holidays}
    chosen, is_of_weekday = days_like(0, working)
    if len(chosen) < FEWEST_DAYS or not sum(chosen):
        return None
    return Usual(sum(chosen), len(chosen), is_of_weekday)


def days_like(day: int, known: Mapping[int, int]) -> tuple[list[int], bool]:
    """What days brought that are like one: those of its day of the week, where there are enough of them, else all.

    Args:
        day: how many days ago it was.
        known: what days brought, by how many days ago they were.

    Returns:
        Their counts, and whether they are all of that day of the week.
    """
    alike = [count for other, count in known.items() if other % DAYS_OF_A_WEEK == day % DAYS_OF_A_WEEK]
    is_of_weekday = len(alike) >= FEWEST_DAYS
    return (alike if is_of_weekday else list(known.values())), is_of_weekday


def judged_volume(
    rule: VolumeRule, by_day: Mapping[int, int], holidays: Collection[int] = (), version: str = ""
) -> Judgement:
    """Hold the last day's changes against the days before.

    Args:
        rule: the bounds.
        by_day: as in ``usual_day``, with the last day as 0.
        holidays: as there; on one of them nothing is judged.
        version: of the suite.
    """
    if 0 in holidays:
        return _not_judged(VOLUME, rule.severity, "not enough history: the last day was a holiday", version)
    usual = usual_day(by_day, holidays)
    if usual is None:
        counted = sum(day > 0 and day not in holidays for day in by_day)
        told = f"{counted} of {FEWEST_DAYS} days before" if counted < FEWEST_DAYS else "nothing changed before"
        return _not_judged(VOLUME, rule.severity, f"not enough history: {told}", version)
    if 0 not in by_day:
        return _not_judged(VOLUME, rule.severity, "no pull within the last day", version)
    percent = 100 * by_day[0] * usual.days // usual.total
    told = f"{by_day[0]} records changed within a day, {percent} % of the usual {usual.changes}"
    told += " of this weekday" if usual.is_of_weekday else ""
    if percent < rule.least_percent:
        return _judged(VOLUME, rule.severity, f"{told}: at least {rule.least_percent} % are expected", version)
    if rule.most_percent is not None and percent > rule.most_percent:
        return _judged(VOLUME, rule.severity, f"{told}: at most {rule.most_percent} % are expected", version)
    return _judged(VOLUME, rule.severity, told, version, is_met=True)


def judged_freshness(rule: FreshnessRule, newest: datetime | None, now: datetime, version: str = "") -> Judgement:
    """Hold the newest change that a stream ever showed against the clock; one that never showed any is stale."""
    shown = "it has never shown one" if newest is None else f"it is of {newest:%Y-%m-%d %H:%M} UTC"
    if newest is not None and now - newest <= rule.within:
        return _judged(FRESHNESS, rule.severity, f"the newest change: {shown}", version, is_met=True)
    hours = int(rule.within / timedelta(hours=1))
    told = f"the newest change must not be older than {hours} h, and {shown}"
    return _judged(FRESHNESS, rule.severity, told, version)


def _judged(name: str, severity: Severity, observed: str, version: str, *, is_met: bool = False) -> Judgement:
    verdict: Verdict = "passed" if is_met else "stopped" if severity == "critical" else "told"
    return _judgement(name, severity, observed, verdict, version, evaluated=1, failed=int(not is_met))


def _not_judged(name: str, severity: Severity, observed: str, version: str) -> Judgement:
    return _judgement(name, severity, observed, "not_judged", version, evaluated=0, failed=0)


def _judgement(
    name: str, severity: Severity, observed: str, verdict: Verdict, version: str, *, evaluated: int, failed: int
) -> Judgement:
    return Judgement(
        entity="",
        name=name,
        kind=f"feed_{name}",
        severity=severity,
        unit="pulls",
        evaluated=evaluated,
        failed=failed,
        observed=observed,
        verdict=verdict,
        version=version,
    )
