"""What many comparisons come to: parity over time with its interval, differences by cause, money, worst cases."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import nsmallest

from handoffs.comparison import CLEAN, SEVERITY, ComparisonClass
from handoffs.shadow.comparing import Compared, Difference, Shown
from handoffs.statistics import Share, wilson

WORST_CASES = 50

_Pair = tuple[str, ComparisonClass, Shown, Shown]


@dataclass(frozen=True, slots=True)
class Week:
    """The works of one week, from its Monday on.

    Attributes:
        counts: by class.
        clean, of: how many speak for the hub, of all that were compared.
        low, high: bounds of the share by Wilson, 95 %.
    """

    begins_on: date
    counts: Mapping[ComparisonClass, int]
    clean: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Of the works that speak for the hub."""
        return self.clean / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """Differences that are alike: the same field, class and pair of values.

    Attributes:
        intent, observed: the pair; None where a side says nothing.
        works: how many.
        too_little_minor, too_much_minor: what legacy took too little and too much, each positive, never netted.
        example: one of the works.
    """

    field: str
    kind: ComparisonClass
    intent: Shown
    observed: Shown
    works: int
    too_little_minor: int
    too_much_minor: int
    critical: int
    example: str


@dataclass(frozen=True, slots=True)
class Parity:
    """What comparisons come to.

    Attributes:
        counts: by class.
        critical: works with an unexplained difference that would have harmed somebody.
        weeks: in order.
        causes: most works first.
        worst: unexplained first, critical ones before others, then by money.
        money: by class of difference, what legacy took too little and too much.
    """

    counts: Mapping[ComparisonClass, int] = field(default_factory=dict)
    critical: int = 0
    weeks: tuple[Week, ...] = ()
    causes: tuple[Cause, ...] = ()
    worst: tuple[Compared, ...] = ()
    money: Mapping[ComparisonClass, tuple[int, int]] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        """Works altogether."""
        return sum(self.counts.values())

    @property
    def clean(self) -> int:
        """Works that speak for the hub."""
        return sum(self.counts.get(name, 0) for name in CLEAN)

    @property
    def interval(self) -> tuple[float, float]:
        """Bounds of the share of clean works by Wilson, 95 %."""
        return _bounds(self.clean, self.compared)


class ParityCount:
    """Counts comparisons as they come, and keeps only what a report shows."""

    def __init__(self, local_date: Callable[[datetime], date]) -> None:
        """Begin with nothing.

        Args:
            local_date: the market's day of a moment.
        """
        self._local_date = local_date
        self._weeks: defaultdict[date, Counter[ComparisonClass]] = defaultdict(Counter)
        self._causes: dict[_Pair, list[int]] = {}
        self._examples: dict[_Pair, str] = {}
        self._money: defaultdict[ComparisonClass, list[int]] = defaultdict(lambda: [0, 0])
        self._worst: list[Compared] = []
        self._critical = 0

    def add(self, several: Iterable[Compared]) -> None:
        """Count some more."""
        odd = []
        for each in several:
            day = self._local_date(each.at)
            self._weeks[day - timedelta(days=day.weekday())][each.kind] += 1
            self._critical += each.is_critical
            for difference in each.differences:
                self._add_cause(each.work, difference)
            if each.kind not in ("match", "match_after_normalising"):
                odd.append(each)
        self._worst = nsmallest(WORST_CASES, [*self._worst, *odd], key=_badness)

    def counted(self) -> Parity:
        """What all of them come to."""
        counts: Counter[ComparisonClass] = Counter()
        for of_week in self._weeks.values():
            counts.update(of_week)
        causes = [
            Cause(*pair, works, little, much, critical, self._examples[pair])
            for pair, (works, little, much, critical) in self._causes.items()
        ]
        return Parity(
            counts=dict(counts),
            critical=self._critical,
            weeks=tuple(_week(day, self._weeks[day]) for day in sorted(self._weeks)),
            causes=tuple(sorted(causes, key=_weight)),
            worst=tuple(self._worst),
            money={kind: (little, much) for kind, (little, much) in self._money.items()},
        )

    def _add_cause(self, work: str, difference: Difference) -> None:
        little, much = max(difference.money_minor, 0), max(-difference.money_minor, 0)
        pair: _Pair = (difference.field, difference.kind, *_alike(difference, little, much))
        counted = self._causes.setdefault(pair, [0, 0, 0, 0])
        for place, number in enumerate((1, little, much, int(difference.critical))):
            counted[place] += number
        self._examples.setdefault(pair, work)
        self._money[difference.kind][0] += little
        self._money[difference.kind][1] += much


def _alike(difference: Difference, little: int, much: int) -> tuple[Shown, Shown]:
    """The pair under which differences are counted: two amounts are hardly ever the same, nor two spellings."""
    if difference.kind == "match_after_normalising":
        return None, None
    if little or much:
        return ("more", "less") if little else ("less", "more")
    return difference.intent, difference.observed


def _week(begins_on: date, counts: Counter[ComparisonClass]) -> Week:
    clean, of = sum(counts[name] for name in CLEAN), counts.total()
    return Week(begins_on, dict(counts), clean, of, *_bounds(clean, of))


def _weight(cause: Cause) -> tuple[int, int, str, str]:
    return (-SEVERITY[cause.kind], -cause.works, cause.field, cause.example)


def _badness(compared: Compared) -> tuple[int, bool, int, str]:
    return (
        -SEVERITY[compared.kind],
        not compared.is_critical,
        -max(compared.unexplained_minor, abs(compared.money_minor)),
        compared.work,
    )


def _bounds(good: int, of: int) -> tuple[float, float]:
    """Bounds of a share with 95 % confidence, for showing."""
    interval = wilson(Share(good, of), Decimal(95))
    return float(interval.low), float(interval.high)
