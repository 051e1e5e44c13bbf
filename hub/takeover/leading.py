"""Lead the take-over of a hand-off along its plan: judge its gate, and ask persons where it has passed."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from handoffs.gates import GateVerdict
from handoffs.plan import Plan, Step, next_step
from handoffs.questions import Question
from handoffs.stages import Handoff
from handoffs.takeover import Position, target_of
from hub.reports.go_no_go.files import write_go_no_go_files
from hub.snapshots import market_of
from hub.takeover.authority import history_of
from hub.takeover.draining import NOTHING_OPEN, Draining, draining_in
from hub.takeover.gate import judge_gate
from hub.takeover.go_no_go.gathering import go_no_go
from hub.takeover.powers import sources_of
from hub.takeover.questions import ask_about, let_lapse
from hub.workplace import Hub


@dataclass(frozen=True, slots=True)
class Look:
    """How a hand-off stands on its way.

    Attributes:
        step: that the plan wants next; None at its end.
        verdict: of the gate before it.
        question: that waits for a person.
        report: what persons decide by, as PDF; a Markdown of the same name lies beside it.
        draining: what is open on either path, where it was looked at; it ends there, whatever is decided.
        said: in a sentence, for whoever looks at the run.
    """

    position: Position
    said: str
    step: Step | None = None
    verdict: GateVerdict | None = None
    question: Question | None = None
    report: Path | None = None
    draining: Draining = NOTHING_OPEN

    @property
    def void_because(self) -> str:
        """Why nothing is asked."""
        if self.verdict is None or self.verdict.result == "pass":
            return self.said
        return f"its gate does not pass any more: {self.said}"


def look_on(hub: Hub, market: str, handoff: Handoff, now: datetime) -> Look:
    """Look how a hand-off stands, judge the gate of its next step, and ask about it where that passes.

    Where it does not, what was asked before is void: whoever is asked about a step can take it.

    Args:
        hub: the operator's hub.
        market: where.
        handoff: of what.
        now: this moment.

    Raises:
        ConfigurationError: there is no such market, or our own policy is wrong.
        RetryableError: the database is out of reach, or the disk takes no more.
    """
    market_of(hub.operator, market)
    look = _looked(hub, market, handoff, now)
    if look.question is None:
        let_lapse(hub, look.position, look.void_because, now)
        return look
    return replace(look, report=write_go_no_go_files(hub, go_no_go(hub, market, handoff, now)))


def _looked(hub: Hub, market: str, handoff: Handoff, now: datetime) -> Look:
    way = hub.operator.handoffs.market(market).plan.get(handoff)
    with hub.database.reading() as connection:
        position = history_of(connection, hub, market, handoff)[-1]
    step = None if way is None else next_step(position, way.plan())
    if step is None:
        return Look(position, _at_its_end(position, None if way is None else way.plan()))
    if position.is_held:
        harm, _, _ = position.why.partition("; ")  # what follows are proofs, for the desk and no run's name
        return Look(position, f"the line is stopped: {harm}", step)
    number, verdict = judge_gate(hub, market, handoff, now, sources_of(hub))
    if verdict.result != "pass":
        first = verdict.lacking[0].said if verdict.lacking else "nothing is asked for"
        more = f" (and {len(verdict.lacking) - 1} more)" if len(verdict.lacking) > 1 else ""
        return Look(position, f"stays in {position.stage}: {first}{more}", step, verdict)
    with hub.database.reading() as connection:
        draining = draining_in(connection, hub, market, handoff)
    seen = Look(position, f"stays in {position.stage}: {draining.keeps_legacy}", step, verdict, draining=draining)
    if draining.keeps_legacy and target_of(position, step.kind, step.cohort)[0] == "legacy_retired":
        return seen
    question = ask_about(hub, position, step, number, now)
    if question is None:
        return replace(seen, said=f"stays in {position.stage}: a person said so a short while ago")
    what = f"canary for {question.cohort}" if question.stage == "canary" else question.stage
    return replace(seen, said=f"the gate has passed: approve {what}?", question=question)


def _at_its_end(position: Position, plan: Plan | None) -> str:
    if plan is None:
        return f"is in {position.stage}; handoffs.yaml has no plan for it"
    return f"is in {position.stage}, as far as its plan goes"
