"""The geometry of the charts about quality, in whole units of their view boxes; templates draw it as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hub.stream_quality import DAYS_SHOWN, MOST_PULLS, Volume
from storage.quality_results import QualityResult

SHARES_HEIGHT, SHARES_STEP = 26, 5
DAYS_HEIGHT, DAYS_STEP, DAYS_FOOT = 96, 14, 18

_LOWEST = 2
"""What is something and not nothing is seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One pull, or one day.

    Attributes:
        tone: what its colour says: a verdict of a pull; ``day``, ``today``, ``holiday`` or ``nothing`` of a day.
        title: what it stands for, in words.
    """

    x: int
    y: int
    width: int
    height: int
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of records that failed a check, pull by pull, the newest at the right."""

    width: int
    height: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """How much a stream brought day by day, today at the right.

    Attributes:
        usual_y: height of the usual day; None where nothing is usual.
        labels: place and words under some of the days.
    """

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    usual_y: int | None
    labels: tuple[tuple[int, str], ...]


def shares(results: Sequence[QualityResult]) -> Shares:
    """The chart of a check.

    Args:
        results: what it found in the latest pulls, the newest first.
    """
    width = MOST_PULLS * SHARES_STEP
    shown = results[:MOST_PULLS]
    largest = max((_permille(result) for result in shown), default=0)
    bars = []
    for place, result in enumerate(shown):
        permille = _permille(result)
        height = max(permille * SHARES_HEIGHT // largest, _LOWEST) if permille else _LOWEST
        bars.append(
            Bar(
                x=width - (place + 1) * SHARES_STEP,
                y=SHARES_HEIGHT - height,
                width=SHARES_STEP - 1,
                height=height,
                tone=result.judgement.verdict,
                title=f"{result.began_at:%Y-%m-%d %H:%M} UTC: {told(result)}",
            )
        )
    return Shares(width, SHARES_HEIGHT, tuple(reversed(bars)))


def told(result: QualityResult) -> str:
    """What a check found in a pull, in words."""
    one = result.judgement
    if one.unit != "records" or not one.evaluated:
        return one.observed
    share = f"{_permille(result) / 10:.1f} %" if one.failed else "none"
    return f"{share}, {one.failed:,} of {one.evaluated:,}"


def days(volume: Volume) -> Days:
    """The chart of what a stream brought."""
    base = DAYS_HEIGHT - DAYS_FOOT
    usual = volume.usual.changes if volume.usual else 0
    shown = {day: count for day, count in volume.by_day.items() if day < DAYS_SHOWN}
    largest = max([usual, *shown.values(), 1])
    bars = []
    for day in range(DAYS_SHOWN - 1, -1, -1):
        count = shown.get(day)
        height = max(count * base // largest, _LOWEST) if count else _LOWEST
        middle = volume.at - timedelta(days=day, hours=12)
        what = "nothing is known" if count is None else f"{count:,} new, changed or deleted"
        what += ", a holiday" if day in volume.holidays else ""
        bars.append(
            Bar(
                x=(DAYS_SHOWN - 1 - day) * DAYS_STEP,
                y=base - height,
                width=DAYS_STEP - 3,
                height=height,
                tone=_tone(day, count, volume),
                title=f"{middle:%a %Y-%m-%d}: {what}",
            )
        )
    labels = tuple(
        ((DAYS_SHOWN - 1 - day) * DAYS_STEP, f"{volume.at - timedelta(days=day, hours=12):%d %b}")
        for day in range(DAYS_SHOWN - 1, 6, -7)
    )
    usual_y = base - usual * base // largest if volume.usual else None
    return Days(DAYS_SHOWN * DAYS_STEP, DAYS_HEIGHT, base, tuple(bars), usual_y, labels)


def _tone(day: int, count: int | None, volume: Volume) -> str:
    if count is None:
        return "nothing"
    if day in volume.holidays:
        return "holiday"
    return "today" if day == 0 else "day"


def _permille(result: QualityResult) -> int:
    """The share that failed, in thousandths; what is not nothing is at least one."""
    one = result.judgement
    return max(one.failed * 1000 // one.evaluated, 1) if one.failed and one.evaluated else 0
