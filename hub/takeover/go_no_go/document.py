"""The document that a step of a take-over is decided by: plain data, and what it comes to; pure.

It recommends nothing that the gate does not: what the gate could not show is not known, and a verdict that is old or
rests on something else by now says nothing of today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from handoffs.cohort import Cohort
from handoffs.comparison import Tally
from handoffs.criteria import Criterion
from handoffs.gates import GateLine, GateVerdict
from handoffs.questions import Question
from handoffs.rollback import RollbackRule
from handoffs.shadow.explanation import Explanation
from handoffs.stages import TakeoverStage
from handoffs.takeover import MoveKind, Position
from hub.takeover.draining import NOTHING_OPEN, Draining
from storage.frozen_jobs import FrozenJob

Recommendation = Literal["GO", "NO-GO", "NOT KNOWN"]


@dataclass(frozen=True, slots=True)
class AskedStep:
    """The step that is decided about: what would be behind it."""

    kind: MoveKind
    stage: TakeoverStage
    cohort: Cohort


@dataclass(frozen=True, slots=True)
class CaseInReport:
    """A finding that nobody has taken in hand; whom it is about is in the case.

    Attributes:
        number: by which ``splice cases show`` and the desk find it.
        minor: its money when it was seen last, in minor units.
    """

    number: str
    rule: str
    state: str
    since: datetime
    minor: int


@dataclass(frozen=True, slots=True)
class PartAtWork:
    """One part of what the hand-off is decided by, and since when it is as it is; None where nobody noted that."""

    name: str
    fingerprint: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class AskedPeople:
    """Who may decide, and who is asked by now; empty names where nothing is asked."""

    approvers: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    asked_now: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoNoGo:
    """Everything that a step of one hand-off in one market is decided by.

    Attributes:
        as_of: the moment that it was put together for.
        zone, currency: of the market.
        position: where the hand-off stands.
        step: that is decided about; None where the plan wants none.
        verdict: the last one of its gate, with its number.
        criteria: what the gate asks for now, by metric.
        stale: why the verdict says nothing of now, a sentence each; empty where it does.
        draining: orders that are open on either path; each ends where it began.
        cases: findings of the hand-off that nobody has taken in hand, the dearest first.
        tally: what the shadow came to since the clock began; None where nothing was compared.
        explanations: of differences, ended ones left out.
        parts: what the hand-off is decided by.
        freezes: jobs that are paused for the take-over.
        rules: rollback rules that stand guard.
        ledger: questions about this hand-off, the last one first.
    """

    operator: str
    market_name: str
    zone: str
    currency: str
    as_of: datetime
    position: Position
    step: AskedStep | None
    verdict_id: int
    verdict: GateVerdict
    criteria: Mapping[str, Criterion]
    stale: tuple[str, ...] = ()
    draining: Draining = NOTHING_OPEN
    cases: tuple[CaseInReport, ...] = ()
    tally: Tally | None = None
    explanations: tuple[Explanation, ...] = ()
    parts: tuple[PartAtWork, ...] = ()
    freezes: tuple[FrozenJob, ...] = ()
    rules: tuple[RollbackRule, ...] = ()
    people: AskedPeople = field(default_factory=AskedPeople)
    ledger: tuple[Question, ...] = ()

    @property
    def recommendation(self) -> Recommendation:
        """What the gate says; GO only where it has passed, of now, and nothing stops the line."""
        if self.position.is_held or self.verdict.result == "fail" or self._is_too_early:
            return "NO-GO"
        return "GO" if self.verdict.result == "pass" and not self.stale else "NOT KNOWN"

    @property
    def because(self) -> tuple[str, ...]:
        """Why, a sentence each, the gravest first."""
        where = (
            f"`splice market show {self.position.market}` tells why"  # that may name customers, and this is mailed
        )
        held = (f"The line is stopped; {where}.",) if self.position.is_held else ()
        early = (f"{self.draining.keeps_legacy}.",) if self._is_too_early else ()
        said = tuple(line.said for line in self.verdict.lacking)
        return (*held, *early, *self.stale, *said) or (
            f"Everything that the gate asks for is shown{self._left_out}.",
        )

    @property
    def _left_out(self) -> str:
        off = sum(line.result == "off" for line in self.verdict.lines)
        return f"; {off} of its criteria are not asked for, by who answers for that" if off else ""

    @property
    def _is_too_early(self) -> bool:
        """Whether legacy would retire with orders on its path."""
        return bool(self.draining.keeps_legacy) and self.step is not None and self.step.stage == "legacy_retired"

    @property
    def overdue(self) -> tuple[FrozenJob, ...]:
        """Paused jobs that should run again by now."""
        return tuple(job for job in self.freezes if job.is_overdue(self.as_of))

    def days_since(self, moment: datetime) -> int:
        """Whole days from a moment to that of the document."""
        return (self.as_of - moment) // timedelta(days=1)


def lines_in_order(lines: Sequence[GateLine]) -> list[GateLine]:
    """Failures first, then what is not shown yet, what is shown, and what is not asked for."""
    order = ("fail", "inconclusive", "pass", "off")
    return sorted(lines, key=lambda line: order.index(line.result))


def stale_because(
    verdict: GateVerdict, position: Position, now: datetime, *, at_work: str, policy: str, good_for: timedelta
) -> tuple[str, ...]:
    """Why a verdict says nothing of now, a sentence each.

    Args:
        verdict: the last one.
        position: of the hand-off now.
        now: this moment.
        at_work: fingerprint of the versions at work.
        policy: fingerprint of what the gate asks for.
        good_for: how old it may be.
    """
    told = []
    if not timedelta() <= now - verdict.measured_at <= good_for:
        told.append(f"The gate was judged {verdict.measured_at:%Y-%m-%d %H:%M} UTC: that is no verdict of today.")
    if verdict.leaves != position.stage:
        told.append(f"The gate was judged for leaving {verdict.leaves}, and the hand-off is in {position.stage}.")
    elif position.since is not None and verdict.measured_at < position.since:
        told.append("The hand-off has moved since its gate was judged.")
    if verdict.versions != at_work:
        told.append("Rules, mappings, drivers or catalogue have changed since the gate was judged.")
    if verdict.asked != policy:
        told.append("The gate asks for something else than when it was judged.")
    return tuple(told)
