"""The geometry of what changed from run to run, as small line charts in whole units; a template draws it as SVG."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from canonical_model.money import minor_digits
from hub.reports.amounts import amount_text, axis_text
from hub.reports.charts import axis_steps
from hub.reports.kpi_words import amount, value_text
from hub.reports.tables import Kind
from hub.reports.wording import CLASS_NAMES, DIRECTION_NAMES, counted
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES
from reconciliation.kpis.results import KpiResult, value_of
from reconciliation.run_history import TREND_KPIS, PastRun

_WIDTH, _HEIGHT, _TOP, _BOTTOM, _LEFT, _RIGHT = 344, 150, 12, 26, 58, 12
_PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """One run; ``is_partial`` where rules could not judge, so that a fall says nothing of what they watch."""

    x: int
    y: int
    title: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What one figure comes to, run by run.

    Attributes:
        name: a class of exposure, or empty.
        strokes: corners of each unbroken part, as SVG has them; it breaks where nothing is known.
    """

    name: str
    strokes: tuple[str, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class RunChart:
    """One small chart.

    Attributes:
        tone: a direction, or empty.
        link: id of the definition that the title leads to.
        ticks: height and words.
        labels: place, words and how they are anchored.
    """

    title: str
    tone: str
    link: str
    width: int
    height: int
    left: int
    base: int
    ticks: tuple[tuple[int, str], ...]
    labels: tuple[tuple[int, str, str], ...]
    lines: tuple[Line, ...]


def kinds_of(history: Iterable[PastRun]) -> tuple[Kind, ...]:
    """Directions and classes that carry money in some run, in their usual order."""
    found = {
        Kind(total.direction, total.exposure_class) for run in history for total in run.totals if total.exposure_minor
    }
    return tuple(
        kind for direction in DIRECTIONS for name in EXPOSURE_CLASSES if (kind := Kind(direction, name)) in found
    )


def run_charts(history: Sequence[PastRun], currency: str, zone: str) -> tuple[RunChart, ...]:
    """Money by direction, number of findings, and chosen KPIs; nothing of a single run.

    Args:
        history: runs, the oldest first.
        currency: of the money.
        zone: of the market, for the days on the axis.
    """
    if len(history) < 2:
        return ()
    frame = _Frame(history, zone)
    kinds = kinds_of(history)
    charts = [
        _money_chart(frame, [kind for kind in kinds if kind.direction == direction], currency)
        for direction in DIRECTIONS
        if any(kind.direction == direction for kind in kinds)
    ]
    charts.append(
        frame.chart(
            "Findings",
            {"": [run.findings for run in history]},
            link="finding",
            axis=lambda number: f"{number:,}",
            said=lambda _name, place: counted(history[place].findings, "finding"),
        )
    )
    charts.extend(_kpi_chart(frame, name) for name in TREND_KPIS if _is_known(history, name))
    return tuple(charts)


def _money_chart(frame: "_Frame", kinds: Sequence[Kind], currency: str) -> RunChart:
    """The classes of one direction, a line each."""
    direction = kinds[0].direction
    by_name = {str(kind.exposure_class): kind for kind in kinds}

    def said(name: str, place: int) -> str:
        minor = frame.history[place].exposure_minor(*by_name[name])
        return f"{CLASS_NAMES[by_name[name].exposure_class].lower()}: {amount_text(minor, currency)}"

    return frame.chart(
        DIRECTION_NAMES[direction],
        {name: [run.exposure_minor(*kind) for run in frame.history] for name, kind in by_name.items()},
        link="exposure-to-date",
        axis=lambda minor: axis_text(minor, currency),
        said=said,
        tone=direction,
        digits=minor_digits(currency),
    )


def _kpi_chart(frame: "_Frame", name: str) -> RunChart:
    results = [run.kpis.get(name) for run in frame.history]
    newest = next(result for result in reversed(results) if result is not None)
    return frame.chart(
        newest.kpi.title,
        {"": [None if result is None else _figure(result) for result in results]},
        link=f"kpi-{name}",
        axis=lambda figure: _kpi_axis(newest, figure),
        said=lambda _name, place: "" if (result := results[place]) is None else value_text(result),
    )


def _is_known(history: Sequence[PastRun], name: str) -> bool:
    figures = [_figure(run.kpis[name]) for run in history if name in run.kpis]
    return any(figure is not None for figure in figures)


def _figure(result: KpiResult) -> int | None:
    """A whole number to draw: of quotients in millionths; None where nothing is known."""
    value = None if result.unknown else value_of(result.kpi, result.whole)
    return int(value * _PER_MILLION) if isinstance(value, Decimal) else value


def _kpi_axis(result: KpiResult, figure: int) -> str:
    if result.kpi.figure in ("share", "mean"):
        value = Decimal(figure) / _PER_MILLION
        return f"{(value * 100).normalize():f} %" if result.kpi.unit == "share" else f"{value.normalize():f}"
    return amount(figure, result.kpi.unit, result.currency)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the charts of some runs share: where each run stands by its moment."""

    history: Sequence[PastRun]
    zone: str

    def chart(
        self,
        title: str,
        figures: Mapping[str, Sequence[int | None]],
        *,
        link: str,
        axis: Callable[[int], str],
        said: Callable[[str, int], str],
        tone: str = "",
        digits: int = 0,
    ) -> RunChart:
        largest = max((figure for values in figures.values() for figure in values if figure is not None), default=0)
        steps = axis_steps(max(largest, 1), digits)
        top, base = steps[-1], _HEIGHT - _BOTTOM
        lines = []
        for name, values in figures.items():
            points = {
                place: Point(
                    self._x(place),
                    base - (2 * figure * (base - _TOP) + top) // (2 * top),
                    f"{self._day(place)}, {said(name, place)}{self._gap(place)}",
                    bool(self.history[place].silent),
                )
                for place, figure in enumerate(values)
                if figure is not None
            }
            lines.append(Line(name, _strokes(points, len(values)), tuple(points.values())))
        return RunChart(
            title=title,
            tone=tone,
            link=link,
            width=_WIDTH,
            height=_HEIGHT,
            left=_LEFT,
            base=base,
            ticks=tuple((base - step * (base - _TOP) // top, axis(step)) for step in steps),
            labels=((_LEFT, self._day(0), "start"), (_WIDTH - _RIGHT, self._day(-1), "end")),
            lines=tuple(lines),
        )

    def _x(self, place: int) -> int:
        first, last = self.history[0].as_of, self.history[-1].as_of
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (self.history[place].as_of - first) // (last - first)

    def _day(self, place: int) -> str:
        day = _local(self.history[place].as_of, self.zone)
        return f"{day.day} {day:%b %Y}"

    def _gap(self, place: int) -> str:
        silent = len(self.history[place].silent)
        return f"; {counted(silent, 'rule')} could not judge" if silent else ""


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _strokes(points: dict[int, Point], length: int) -> tuple[str, ...]:
    strokes: list[list[str]] = [[]]
    for place in range(length):
        if place in points:
            strokes[-1].append(f"{points[place].x},{points[place].y}")
        elif strokes[-1]:
            strokes.append([])
    return tuple(" ".join(stroke) for stroke in strokes if len(stroke) > 1)
