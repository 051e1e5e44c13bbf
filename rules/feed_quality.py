"""What a stream as a whole must live up to: how much it brings, and how old its newest change may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.quality_suite import Severity

FEWEST_DAYS = 3
"""Of fewer days with a pull nothing is usual."""


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


@dataclass(frozen=True, slots=True)
class FeedFailure:
    """A rule that a stream does not live up to, in a sentence."""

    severity: Severity
    told: str


def volume_failure(rule: VolumeRule, today: int, before: Sequence[int]) -> FeedFailure | None:
    """Hold a day's changes against the days before.

    Args:
        rule: the bounds.
        today: records that came new or changed within the last day.
        before: the same for each day before on which the stream was pulled.
    """
    usual = sum(before)
    if len(before) < FEWEST_DAYS or not usual:
        return None
    percent = 100 * today * len(before) // usual
    told = f"{today} records changed within a day, {percent} % of the usual {usual // len(before)}"
    if percent < rule.least_percent:
        return FeedFailure(rule.severity, f"{told}: at least {rule.least_percent} % are expected")
    if rule.most_percent is not None and percent > rule.most_percent:
        return FeedFailure(rule.severity, f"{told}: at most {rule.most_percent} % are expected")
    return None


def freshness_failure(rule: FreshnessRule, newest: datetime | None, now: datetime) -> FeedFailure | None:
    """Hold the newest change that a stream ever showed against the clock; one that never showed any is stale."""
    if newest is not None and now - newest <= rule.within:
        return None
    hours = int(rule.within / timedelta(hours=1))
    shown = "it has never shown one" if newest is None else f"it is of {newest:%Y-%m-%d %H:%M} UTC"
    return FeedFailure(rule.severity, f"the newest change must not be older than {hours} h, and {shown}")
