"""The geometry of the charts of an assessment, in whole units of their view boxes; templates draw it as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.assessment import Assessment, Loss
from hub.reports.amounts import amount_text
from hub.reports.kpi_words import amount, spread_text
from hub.reports.wording import CLASS_NAMES, DIRECTION_NAMES
from reconciliation.findings import Direction, ExposureClass
from reconciliation.kpis.results import KpiResult

LAGS = (
    "order_to_work_order",
    "work_order_to_arrival",
    "arrival_to_completion",
    "completion_to_activation",
    "time_to_invoice",
)
"""KPIs of the way of an order, one behind the other."""
WIDTH = 1080
_LABELS, _NUMBERS, _ROW, _BAR = 250, 190, 46, 9
_MINUTES_OF = {"minutes": 1, "days": 1440}


@dataclass(frozen=True, slots=True)
class LagRow:
    """One lag: bars for median and 90th percentile; widths are None where it is unknown or below zero.

    Attributes:
        note: said in the place of bars.
    """

    y: int
    result: KpiResult
    median_width: int | None
    p90_width: int | None
    median: str
    p90: str
    note: str


@dataclass(frozen=True, slots=True)
class TouchRow:
    """The touches of one step: by hand, and by programs."""

    y: int
    step: str
    by_hand: int
    by_program: int
    hand_width: int
    program_width: int


@dataclass(frozen=True, slots=True)
class LossBar:
    """One direction and class."""

    y: int
    direction: Direction
    exposure_class: ExposureClass
    width: int
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class LossGroup:
    """What is lost at one hand-off."""

    y: int
    handoff: str
    bars: tuple[LossBar, ...]
    is_judged: bool


def lag_rows(assessment: Assessment) -> tuple[LagRow, ...]:
    """The lags on one scale of time, so that they may be compared."""
    results = [assessment.kpis.result(name) for name in LAGS]
    room = WIDTH - _LABELS - _NUMBERS
    longest = max([1, *(_minutes(one, one.whole.p90) for one in results if not one.unknown)])
    rows = []
    for place, one in enumerate(results):
        is_known = not one.unknown and one.whole.median is not None
        median, p90 = _minutes(one, one.whole.median), _minutes(one, one.whole.p90)
        note = one.unknown or ("" if is_known else "nobody to measure")
        if is_known and p90 < 0:
            note = "done before the step before it was over"
        rows.append(
            LagRow(
                y=place * _ROW,
                result=one,
                median_width=_width(median, longest, room) if is_known and not note else None,
                p90_width=_width(p90, longest, room) if is_known and not note else None,
                median=spread_text(one, one.whole.median),
                p90=spread_text(one, one.whole.p90),
                note=note,
            )
        )
    return tuple(rows)


def touch_rows(assessment: Assessment) -> tuple[TouchRow, ...]:
    """Touches by step on one scale; none where nothing tells of touches."""
    groups = assessment.kpis.result("touches_by_step").groups
    steps = [stage.stage for stage in assessment.stages if stage.stage in groups]
    most = max((groups[step].measured for step in steps), default=0)
    room = WIDTH - _LABELS - _NUMBERS
    rows = []
    for place, step in enumerate(steps):
        by_hand, all_of_it = groups[step].numerator, groups[step].measured
        rows.append(
            TouchRow(
                y=place * 34,
                step=step,
                by_hand=by_hand,
                by_program=all_of_it - by_hand,
                hand_width=_width(by_hand, most, room) if by_hand else 0,
                program_width=_width(all_of_it - by_hand, most, room) if all_of_it > by_hand else 0,
            )
        )
    return tuple(rows)


def loss_groups(assessment: Assessment) -> tuple[LossGroup, ...]:
    """Money by hand-off, direction and class; all bars have one scale."""
    parts: list[tuple[str, Sequence[Loss], bool]] = [
        (part.handoff, part.losses, part.is_judged) for part in assessment.handoffs
    ]
    parts.append(("", assessment.beside, assessment.is_beside_judged))
    most = max([1, *(loss.exposure_minor for _, losses, _ in parts for loss in losses)])
    currency = assessment.kpis.manifest.market.currency
    room = WIDTH - _LABELS - _NUMBERS - 120
    groups, y = [], 0
    for name, losses, is_judged in parts:
        shown = [loss for loss in losses if loss.exposure_minor]
        bars = tuple(_loss(loss, y + place * 24, most, room, currency) for place, loss in enumerate(shown))
        groups.append(LossGroup(y, name, bars, is_judged))
        y += max(len(bars), 1) * 24 + 16
    return tuple(groups)


def _loss(loss: Loss, y: int, most: int, room: int, currency: str) -> LossBar:
    text = amount_text(loss.exposure_minor, currency)
    kind = f"{DIRECTION_NAMES[loss.direction]}, {CLASS_NAMES[loss.exposure_class].lower()}"
    return LossBar(
        y=y,
        direction=loss.direction,
        exposure_class=loss.exposure_class,
        width=_width(loss.exposure_minor, most, room),
        text=f"{text} {kind.lower()}",
        title=f"{kind}: {text} in {amount(loss.findings, 'count', currency)} findings",
    )


def _minutes(result: KpiResult, value: int | None) -> int:
    return (value or 0) * _MINUTES_OF.get(result.kpi.unit, 1)


def _width(value: int, most: int, room: int) -> int:
    """What is something and not nothing is seen."""
    return max(value * room // most, 2) if value > 0 and most > 0 else 2
