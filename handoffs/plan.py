"""What a market wants of each hand-off: through which cohorts it goes, and how far; pure."""

from dataclasses import dataclass

from handoffs.cohort import NOTHING, Cohort
from handoffs.stages import STAGES, TakeoverStage
from handoffs.takeover import MoveKind, Position


@dataclass(frozen=True, slots=True)
class Plan:
    """The way of one hand-off in one market.

    Attributes:
        cohorts: of the canary, each wider than the one before it; without any nothing goes beyond shadow.
        until: the last stage that is wanted.
    """

    cohorts: tuple[Cohort, ...] = ()
    until: TakeoverStage = "active"

    def faults(self) -> list[str]:
        """What is wrong with it, a sentence each."""
        found = []
        for narrow, wide in zip(self.cohorts, self.cohorts[1:], strict=False):
            if narrow == wide or not narrow.is_within(wide):
                found.append(f"{wide} does not hold all of {narrow}: each cohort is wider than the one before it")
        if any(each == NOTHING for each in self.cohorts):
            found.append("a cohort of nothing is none")
        if not self.cohorts and STAGES.index(self.until) > STAGES.index("shadow"):
            found.append(f"{self.until} is behind a canary, and no cohort is named for one")
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """The next move of a plan."""

    kind: MoveKind
    cohort: Cohort | None = None


def next_step(position: Position, plan: Plan) -> Step | None:
    """What the plan wants next from a position; None at its end.

    A canary that was narrowed, or was begun with another cohort than the plan names, goes on with the first one that
    is wider than it.
    """
    stage = position.stage
    if STAGES.index(stage) >= STAGES.index(plan.until):
        return None
    if stage == "shadow":
        return Step("promoted", plan.cohorts[0]) if plan.cohorts else None
    if stage == "canary":
        wider = (each for each in plan.cohorts if each != position.cohort and position.cohort.is_within(each))
        following = next(wider, None)
        return Step("promoted") if following is None else Step("widened", following)
    return Step("promoted")
