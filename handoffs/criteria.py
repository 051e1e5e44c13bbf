"""What a gate asks for, criterion by criterion, and what was measured: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from handoffs.statistics import Share


@dataclass(frozen=True, slots=True)
class Exemption:
    """Somebody answers for it that a criterion is not asked for, until a day.

    Attributes:
        until: last day on which it counts.
    """

    owner: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a gate asks for.

    Attributes:
        metric: a key of ``handoffs.metrics.METRICS``.
        bound: in the metric's unit: percent, points, hours, money in major units.
        sample: fewer of what the metric counts say nothing. Of figures beside legacy's: on each path.
        confidence: in percent, with which the sample has to prove the bound; None where what is counted is everything
            there is, or where the figure itself decides. Of shares beside legacy's: with which it is shown that the
            hub is worse, or is not by ``at_worst``.
        at_worst: of shares beside legacy's, in points: the samples have to rule out that the hub is worse by so much.
        here: of a pooled sample, how many have to be of this market.
        pooled: markets whose evidence counts too.
        fresh: older measures say nothing.
        off: it is not asked for.
    """

    metric: str
    bound: Decimal
    sample: int = 1
    confidence: Decimal | None = None
    at_worst: Decimal | None = None
    here: int = 0
    pooled: tuple[str, ...] = ()
    fresh: timedelta = timedelta(hours=48)
    off: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the unit of its metric.

    Attributes:
        of: how many it was made from, where that says how much it is worth.
        made_from: what a ninth decile was taken of, where it is known.
    """

    value: Decimal
    of: int | None = None
    made_from: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """Legacy's own figure of the weeks before the hub began to act.

    Attributes:
        since, until: the weeks.
    """

    figure: Share | Number
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure of works on the hub's path, beside that of works on the legacy path.

    Attributes:
        legacy: of the same weeks.
        since: when these began; None where it is not told.
        baselines: what legacy came to before, the last first, for when too little of it is left to compare with.
    """

    hub: Share | Number
    legacy: Share | Number
    since: datetime | None = None
    baselines: tuple[Baseline, ...] = ()


Figure = Share | Number | Beside


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured of a metric.

    Attributes:
        figure: None where it could not be measured.
        why: it could not be; a sentence without a full stop.
        as_of: of when the evidence is; None where it is of this moment.
        versions: under which it was collected; None where it does not hang on them.
        elsewhere: the same of other markets, for criteria that pool.
        works: some of the works that speak against the hub, for whoever looks further.
    """

    figure: Figure | None
    why: str = ""
    as_of: datetime | None = None
    versions: str | None = None
    elsewhere: Mapping[str, Share] = field(default_factory=dict)
    works: tuple[str, ...] = ()
