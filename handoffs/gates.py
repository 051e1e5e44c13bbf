"""Gates of a take-over: what has to be shown before a hand-off goes one stage on; pure.

A gate passes, fails, or is inconclusive. It is inconclusive where anything that it asks for is missing, stale, of
other versions, or too little to prove it, and inconclusive never promotes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from handoffs.cohort import EVERYTHING, Cohort
from handoffs.criteria import Criterion, Measure
from handoffs.figures import Result, judged_figure
from handoffs.metrics import METRICS
from handoffs.stages import Handoff, TakeoverStage
from handoffs.statistics import Share

LineResult = Literal["pass", "fail", "inconclusive", "off"]


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What one gate of one market asks for.

    Attributes:
        criteria: each metric at most once.
    """

    market: str
    handoff: Handoff
    leaves: TakeoverStage
    to: TakeoverStage
    criteria: Sequence[Criterion]


@dataclass(frozen=True, slots=True)
class GateLine:
    """What one criterion came to.

    Attributes:
        said: the figure, what it proves and what lacks, for a market operator.
        works: see `Measure`.
    """

    metric: str
    result: LineResult
    said: str
    works: tuple[str, ...] = ()

    def works_named(self, most: int) -> str:
        """So many of the works, and how many more there are; empty where there are none."""
        more = f" and {len(self.works) - most} more" if len(self.works) > most else ""
        return f"{', '.join(self.works[:most])}{more}"


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What a gate came to.

    Attributes:
        versions: fingerprint of rules, mappings, drivers and catalogue; evidence of others does not count.
        clock_since: since when these versions have been at work at this stage.
        cohort: that the step would take over; it lets nothing go on that this one does not hold.
        asked: fingerprint of what the gates asked for; once they ask for something else it lets nothing go on.
    """

    market: str
    handoff: Handoff
    leaves: TakeoverStage
    to: TakeoverStage
    result: Result
    lines: tuple[GateLine, ...]
    versions: str
    clock_since: datetime
    measured_at: datetime
    cohort: Cohort = EVERYTHING
    asked: str = ""

    @property
    def lacking(self) -> tuple[GateLine, ...]:
        """What stands in the way, failures first."""
        failed = tuple(line for line in self.lines if line.result == "fail")
        return failed + tuple(line for line in self.lines if line.result == "inconclusive")


def judge(
    policy: GatePolicy,
    measures: Mapping[str, Measure],
    now: datetime,
    *,
    versions: str,
    clock_since: datetime,
    today: date | None = None,
    cohort: Cohort = EVERYTHING,
) -> GateVerdict:
    """Hold what was measured against what is asked for.

    Args:
        policy: of the gate.
        measures: by metric; one that is not there is missing.
        now: this moment.
        versions: at work now.
        clock_since: since when.
        today: local day of the market, for exemptions; that of ``now`` where it is not told.
        cohort: that the step would take over, and of which it was measured.
    """
    day = today or now.date()
    lines = tuple(judge_criterion(each, measures.get(each.metric), now, versions, day) for each in policy.criteria)
    return GateVerdict(
        market=policy.market,
        handoff=policy.handoff,
        leaves=policy.leaves,
        to=policy.to,
        result=result_of(lines),
        lines=lines,
        versions=versions,
        clock_since=clock_since,
        measured_at=now,
        cohort=cohort,
    )


def result_of(lines: Sequence[GateLine]) -> Result:
    """What the criteria come to together; where nothing is asked for, nothing is shown."""
    results = {line.result for line in lines} - {"off"}
    if "fail" in results:
        return "fail"
    return "pass" if results == {"pass"} else "inconclusive"


def judge_criterion(
    criterion: Criterion, measure: Measure | None, now: datetime, versions: str, today: date
) -> GateLine:
    """What one criterion comes to; arguments as for ``judge``."""
    metric, off = METRICS[criterion.metric], criterion.off
    if off is not None and today <= off.until:
        said = f"{metric.title}: not asked for until {off.until}: {off.reason} ({off.owner})"
        return GateLine(criterion.metric, "off", said)
    lapsed = "" if off is None else f" It was not asked for until {off.until}, which is over."
    problem = _unusable(criterion, measure, now, versions)
    if measure is None or measure.figure is None or problem:
        return GateLine(criterion.metric, "inconclusive", f"{metric.title}: {problem}.{lapsed}")
    result, said = judged_figure(metric, criterion, measure, measure.figure)
    return GateLine(criterion.metric, result, f"{metric.title}: {said}.{_unnamed(measure)}{lapsed}", measure.works)


def _unnamed(measure: Measure) -> str:
    """What a reader of the works has to know: that they are not all; empty where they are."""
    bad = measure.figure.bad if isinstance(measure.figure, Share) else 0
    return f" Of {bad} bad ones the first {len(measure.works)} are named." if 0 < len(measure.works) < bad else ""


def _unusable(criterion: Criterion, measure: Measure | None, now: datetime, versions: str) -> str:
    """Why a measure says nothing; empty where it does."""
    if measure is None:
        return "was not measured"
    if measure.figure is None:
        return f"could not be measured: {measure.why or 'nothing is known of it'}"
    if measure.versions is not None and measure.versions != versions:
        return "was measured under other versions of rules, mappings, drivers or policy"
    if measure.as_of is not None and measure.as_of > now:
        return f"is of {measure.as_of:%Y-%m-%d %H:%M} UTC, which is yet to come: a clock is wrong"
    if measure.as_of is not None and now - measure.as_of > criterion.fresh:
        hours = f"{criterion.fresh / timedelta(hours=1):g} hours"
        return f"is of {measure.as_of:%Y-%m-%d %H:%M} UTC, older than the {hours} that count"
    return ""
