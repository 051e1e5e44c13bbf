"""The geometry of the page's charts, in whole units of their view boxes; templates draw it as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from canonical_model.money import minor_digits
from hub.reports.amounts import amount_text, axis_text
from hub.reports.tables import Kind, MonthTable
from hub.reports.wording import CLASS_NAMES
from reconciliation.findings import DIRECTIONS, Direction, ExposureClass

_HEIGHT, _TOP, _BOTTOM, _LEFT, _RIGHT = 232, 14, 38, 54, 4
_WIDEST_BAR = 34
_LABEL_ROOM = 34
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """One class of one month."""

    y: int
    height: int
    exposure_class: ExposureClass
    title: str


@dataclass(frozen=True, slots=True)
class Column:
    """One month; ``label`` and ``year`` are empty where there is no room or no need for them."""

    x: int
    middle: int
    label: str
    year: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the money axis."""

    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Exposure of one direction by month, classes stacked."""

    direction: Direction
    classes: tuple[ExposureClass, ...]
    width: int
    height: int
    bar_width: int
    left: int
    base: int
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]


def trends(table: MonthTable, currency: str) -> tuple[Trend, ...]:
    """One chart for each direction that has money, half as wide where there are several."""
    directions = [name for name in DIRECTIONS if any(kind.direction == name for kind in table.kinds)]
    width = 1080 if len(directions) == 1 else 528
    return tuple(_trend(table, direction, currency, width) for direction in directions)


def share(minor: int, largest: int) -> str:
    """The length of a bar as a percentage with one decimal; a sliver for what is small but not nothing."""
    tenths = max(minor * 1000 // largest, 4) if largest > 0 and minor > 0 else 0
    return f"{tenths // 10}.{tenths % 10}%"


def axis_steps(largest: int, digits: int) -> list[int]:
    """Round amounts for an axis, from 0 to the first one that is not below the largest amount.

    Args:
        largest: the largest amount to show, minor units.
        digits: decimals of the currency; no step is finer than one major unit.
    """
    step = 10**digits
    while step * _TICKS < largest:
        step = _next_round(step)
    return [step * place for place in range(-(-largest // step) + 1)]


def _next_round(step: int) -> int:
    """The round number behind one of 1, 2, 5, 10, 20, 50 ..."""
    return step * 5 // 2 if str(step).startswith("2") else step * 2


def _trend(table: MonthTable, direction: Direction, currency: str, width: int) -> Trend:
    kinds = [kind for kind in table.kinds if kind.direction == direction]
    highest = max(sum(table.cell(month, kind) for kind in kinds) for month in table.months)
    steps = axis_steps(highest, minor_digits(currency))
    base = _HEIGHT - _BOTTOM
    slot = (width - _LEFT - _RIGHT) // len(table.months)
    bar = max(min(_WIDEST_BAR, slot * 2 // 3), 1)
    every = -(-_LABEL_ROOM // max(slot, 1))
    columns = tuple(
        Column(
            x=_LEFT + slot * place + (slot - bar) // 2,
            middle=_LEFT + slot * place + slot // 2,
            label=f"{month:%b}" if place % every == 0 else "",
            year=_year(table.months, place, every),
            segments=_segments(table, month, kinds, steps[-1], currency),
        )
        for place, month in enumerate(table.months)
    )
    return Trend(
        direction=direction,
        classes=tuple(kind.exposure_class for kind in kinds),
        width=width,
        height=_HEIGHT,
        bar_width=bar,
        left=_LEFT,
        base=base,
        ticks=tuple(Tick(_y(step, steps[-1]), axis_text(step, currency)) for step in steps),
        columns=columns,
    )


def _year(months: Sequence[date], place: int, every: int) -> str:
    """The year under the first label and under the first one of every new year."""
    if place % every:
        return ""
    before = months[place - every] if place else None
    return str(months[place].year) if before is None or before.year != months[place].year else ""


def _segments(table: MonthTable, month: date, kinds: Sequence[Kind], top: int, currency: str) -> tuple[Segment, ...]:
    segments = []
    below = 0
    for kind in kinds:
        minor = table.cell(month, kind)
        if minor:
            foot, head = _y(below, top), _y(below + minor, top)
            name = CLASS_NAMES[kind.exposure_class]
            title = f"{month:%B %Y}, {name.lower()}: {amount_text(minor, currency)}"
            segments.append(Segment(min(head, foot - 1), max(foot - head, 1), kind.exposure_class, title))
        below += minor
    return tuple(segments)


def _y(minor: int, top: int) -> int:
    """Height on the chart, rounded to the nearest unit; the same for every cent below it, so parts never drift."""
    room = _HEIGHT - _BOTTOM - _TOP
    return _HEIGHT - _BOTTOM - (2 * minor * room + top) // (2 * top)
