"""Whether a figure reaches its bound, is proven to miss it, or proves neither; each with a sentence; pure.

A share with a confidence has to be proven by its sample. One that is merely below its bound has not failed: it has
failed where the sample proves that it is below. A figure beside legacy's is worse where the samples prove it, and
passes where they rule out that it is worse by more than matters: two samples of one share differ by chance.
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Literal

from handoffs.criteria import Beside, Criterion, Figure, Measure, Number
from handoffs.metrics import Metric
from handoffs.statistics import (
    Share,
    bounds_of_difference,
    proven_share,
    proves_at_least,
    proves_below,
    wilson,
)

Result = Literal["pass", "fail", "inconclusive"]
Judged = tuple[Result, str]

_SHOWN = Decimal(95)
"""Confidence of intervals that are shown beside figures which decide by themselves."""
_MOST_ASKED = 1_000_000
_AT_WORST = Decimal(10)
"""Points of a percent that matter, where nothing else is stated."""
_NINTH_DECILE = Fraction(9, 10)
_NO_FIGURE: Judged = ("inconclusive", "what was measured is no figure of this kind")


def judged_figure(metric: Metric, criterion: Criterion, measure: Measure, figure: Figure) -> Judged:
    """What a figure comes to, and the sentence that says so.

    Args:
        metric: that was measured.
        criterion: what is asked for.
        measure: where the figure is from, with those of other markets.
        figure: of this market.
    """
    if metric.kind == "share" and isinstance(figure, Share):
        return _share(criterion, measure, figure)
    if metric.kind == "number" and isinstance(figure, Number):
        return _number(metric, criterion, figure)
    if isinstance(figure, Beside):
        return _beside(metric, criterion, figure)
    return _NO_FIGURE


def still_needed(share: Share, bound: Fraction, confidence: Decimal) -> int | None:
    """How many more good ones, without another bad one, prove a bound; None where a million do not."""
    if proves_at_least(share, bound, confidence):
        return 0
    most = 1
    while not proves_at_least(share + Share(most, most), bound, confidence):
        most *= 2
        if most > _MOST_ASKED:
            return None
    return _first(most // 2, most, lambda more: proves_at_least(share + Share(more, more), bound, confidence))


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest number of which something holds, above one of which it does not."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _share(criterion: Criterion, measure: Measure, own: Share) -> Judged:
    others = {name: measure.elsewhere[name] for name in criterion.pooled if name in measure.elsewhere}
    pooled = sum(others.values(), own)
    bound = Fraction(criterion.bound) / 100
    asked = f"{_plain(criterion.bound)} % is asked for"
    said = _told(pooled) + (f" ({_told(own)} here, the rest in {', '.join(sorted(others))})" if others else "")
    if own.of < criterion.here:
        return "inconclusive", f"{said}; {criterion.here} of this market have to be among them: {own.of} are"
    if others and criterion.confidence is not None and proves_below(own, bound, criterion.confidence):
        return "fail", f"{said}; those of this market alone prove that it is below, and {asked}"
    if criterion.confidence is None:
        if pooled.of < max(1, criterion.sample):
            return "inconclusive", f"{said}; at least {max(1, criterion.sample)} are needed to say anything"
        return ("pass" if pooled.ratio >= bound else "fail"), f"{said}; {asked}"
    return _proven(criterion, pooled, bound, f"{said}{_interval(pooled, criterion.confidence)}", asked)


def _proven(criterion: Criterion, share: Share, bound: Fraction, said: str, asked: str) -> Judged:
    confidence = criterion.confidence or _SHOWN
    if proves_below(share, bound, confidence):
        return "fail", f"{said}, and {asked}: it is proven to be below"
    if share.of < criterion.sample:
        return "inconclusive", f"{said}; at least {criterion.sample} are needed, {criterion.sample - share.of} more"
    if proves_at_least(share, bound, confidence):
        return "pass", f"{said}, and {asked}"
    more = still_needed(share, bound, confidence)
    lacks = "no sample proves that" if more is None else f"{more} more without a bad one would prove it"
    return "inconclusive", f"{said}, and {asked}: {lacks}"


def _number(metric: Metric, criterion: Criterion, figure: Number) -> Judged:
    value, bound = figure.value, criterion.bound
    if metric.ask == "at_least":
        said = f"{_plain(value)} of {_plain(bound)} {metric.unit}"
        return ("pass", said) if value >= bound else ("inconclusive", f"{said}; {_plain(bound - value)} to go")
    said = f"{_plain(value)} {metric.unit}, at most {_plain(bound)} may be"
    if value > bound:
        return "fail", said
    if figure.of is not None and figure.of < criterion.sample:
        return "inconclusive", f"{said}; looked at {figure.of}, at least {criterion.sample} are needed"
    return "pass", said


def _beside(metric: Metric, criterion: Criterion, figure: Beside) -> Judged:
    """The hub's figure held against legacy's of the same weeks, or of before where that is too little by now."""
    hub, least = figure.hub, max(1, criterion.sample)
    legacy, when = held_against(figure, least)
    if isinstance(hub, Share) and isinstance(legacy, Share):
        said = f"the hub {_told(hub)}, legacy {_told(legacy)} {when}"
        return _too_few(hub.of, legacy.of, least, said) or _shares_beside(metric, criterion, hub, legacy, said)
    if isinstance(hub, Number) and isinstance(legacy, Number):
        ours, theirs = hub.of or 0, legacy.of or 0
        over = f"the hub {_rounded(hub.value)} {metric.unit} over {ours}"
        said = f"{over}, legacy {_rounded(legacy.value)} over {theirs} {when}"
        return _too_few(ours, theirs, least, said) or _numbers_beside(metric, criterion, hub, legacy, said)
    return _NO_FIGURE


def _too_few(ours: int, theirs: int, least: int, said: str) -> Judged | None:
    enough = min(ours, theirs) >= least
    return None if enough else ("inconclusive", f"{said}; at least {least} on each path are needed")


def held_against(figure: Beside, least: int) -> tuple[Share | Number, str]:
    """What of legacy is large enough to be compared with, the present before the past; and of when it is.

    Args:
        figure: of both paths.
        least: works that legacy's has to be made from; where none is, what there is of the present is given.
    """
    since = "" if figure.since is None else f" since {figure.since:%Y-%m-%d}"
    if (figure.legacy.of or 0) >= least:
        return figure.legacy, f"in the same weeks{since}"
    enough = (each for each in figure.baselines if (each.figure.of or 0) >= least)
    known = next(enough, None)
    if known is None:
        return figure.legacy, f"in the same weeks{since}, and no baseline holds as many"
    return known.figure, f"in its baseline of {known.since:%Y-%m-%d} to {known.until:%Y-%m-%d}, before the canary"


def _shares_beside(metric: Metric, criterion: Criterion, hub: Share, legacy: Share, said: str) -> Judged:
    """Worse is what is shown to be worse; not worse, what is shown to be no worse by more than matters."""
    confidence = criterion.confidence or _SHOWN
    better, other = (hub, legacy) if metric.more_is_better else (_turned(hub), _turned(legacy))
    bound = Fraction(criterion.bound) / 100
    worst = max(criterion.bound, _AT_WORST if criterion.at_worst is None else criterion.at_worst)
    gap = bounds_of_difference(better, other, confidence)
    between = f"each at {_plain(confidence)} %: {_points(gap.low)} at least, {_points(gap.high)} at most"
    said = f"{said}: {_points(better.ratio - other.ratio)} ({between})"
    asked = f"may be {_plain(criterion.bound)} points worse" if criterion.bound else "may not be worse"
    if gap.high < -bound:
        return "fail", f"{said}; it {asked}, and is proven to be"
    if gap.low <= -Fraction(worst) / 100:
        lacks = f"more works have to rule out that it is {_plain(worst)} points worse"
        return "inconclusive", f"{said}; it {asked}, and {lacks}"
    return "pass", f"{said}; it {asked}, and nothing shows that it is"


def _numbers_beside(metric: Metric, criterion: Criterion, hub: Number, legacy: Number, said: str) -> Judged:
    """A ninth decile is too large where more than a tenth is proven to lie beyond what is allowed."""
    most = legacy.value * criterion.bound
    said = f"{said}; {_plain(criterion.bound)} times legacy's, {_rounded(most)} {metric.unit}, is the most"
    if hub.value <= most:
        return "pass", said
    within = Share(sum(each <= most for each in hub.made_from), len(hub.made_from))
    if within.of and not proves_below(within, _NINTH_DECILE, criterion.confidence or _SHOWN):
        return "inconclusive", f"{said}; {within.bad} of {within.of} took longer, which proves no tenth of all"
    return "fail", said


def _turned(share: Share) -> Share:
    return Share(share.bad, share.of)


def _told(share: Share) -> str:
    return f"{share.good} of {share.of} ({_percent(share.ratio)})" if share.of else "none of none"


def _interval(share: Share, confidence: Decimal) -> str:
    """What a sample proves, and Wilson's interval around it."""
    if not share.of:
        return ""
    around = wilson(share, confidence)
    proven = Fraction(proven_share(share, confidence))
    between = f"{_percent(around.low)} to {_percent(around.high)}"
    return f", which proves {_percent(proven)} at {_plain(confidence)} % (interval {between})"


def _percent(ratio: Fraction) -> str:
    """Rounded down, so that no share is told as reached that is not."""
    percent = Decimal(ratio.numerator) * 100 / Decimal(ratio.denominator)
    return f"{_plain(percent.quantize(Decimal('0.01'), ROUND_FLOOR))} %"


def _points(gap: Fraction) -> str:
    return f"{(Decimal(gap.numerator) * 100 / Decimal(gap.denominator)).quantize(Decimal('0.1')):+} points"


def _rounded(value: Decimal) -> str:
    return _plain(value.quantize(Decimal("0.1")))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"
