"""Move a hand-off's take-over on or back: checked, written down with who and why, and never half."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.cohort import Cohort
from handoffs.stages import Handoff, TakeoverStage
from handoffs.takeover import MOVE_KINDS, Move, MoveKind, Position, after, target_of, why_not
from hub.decision import Decision
from hub.snapshots import market_of
from hub.takeover.authority import history_of
from hub.takeover.draining import Draining, draining_in
from hub.takeover.measuring.legacy_before import keep_legacy_figures
from hub.workplace import Hub
from storage.audit import note
from storage.takeover import append_move, await_moves, next_number
from storage.takeover_questions import void_questions


@dataclass(frozen=True, slots=True)
class Wish:
    """A move that somebody wants.

    Attributes:
        cohort: of the canary, where one begins or changes its size.
    """

    market: str
    handoff: Handoff
    kind: MoveKind
    cohort: Cohort | None = None


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """What the gate of a move says at this moment.

    Attributes:
        verdict_id: of the verdict that it rests on.
        lacks: what is missing, in a sentence; empty where it has passed and whoever wants the move may approve it.
    """

    verdict_id: int | None
    lacks: str = ""


class Gate(Protocol):
    """Whoever lets a take-over go on."""

    def ask(
        self, connection: Connection, position: Position, target: TakeoverStage, cohort: Cohort, decision: Decision
    ) -> GateAnswer:
        """Whether a hand-off may go on to a stage and cohort, by what was measured and who wants it."""


def move(hub: Hub, wish: Wish, decision: Decision, gate: Gate | None = None) -> Position:
    """Move a hand-off; gives where it stands then.

    Args:
        hub: the operator's hub.
        wish: what is wanted.
        decision: who wants it, when and why.
        gate: that is asked where the move goes forward; without one nothing does.

    Raises:
        ConfigurationError: there is no such market, no reason is given, or the table of stages has no such move.
        UnsafeToContinue: the gate has not passed, legacy work is not done, or somebody else moved it meanwhile.
        RetryableError: the database is out of reach.
    """
    market_of(hub.operator, wish.market)
    _check_reason(decision, wish.market)
    with hub.database.journaling() as connection:
        await_moves(connection, wish.market, wish.handoff, shared=False)
        return move_in(connection, hub, wish, decision, gate)


def give_back(hub: Hub, market: str, handoffs: Sequence[Handoff], decision: Decision) -> list[Position]:
    """Give hand-offs of a market back to the legacy systems, all at once; those that legacy has are left alone.

    Args:
        hub: the operator's hub.
        market: where.
        handoffs: which.
        decision: who wants it, when and why.

    Raises:
        ConfigurationError: there is no such market, or no reason is given.
        RetryableError: the database is out of reach.
    """
    market_of(hub.operator, market)
    _check_reason(decision, market)
    given = []
    with hub.database.journaling() as connection:
        for handoff in handoffs:
            await_moves(connection, market, handoff, shared=False)
            if history_of(connection, hub, market, handoff)[-1].stage in ("canary", "active"):
                given.append(move_in(connection, hub, Wish(market, handoff, "given_back"), decision))
    return given


def move_in(connection: Connection, hub: Hub, wish: Wish, decision: Decision, gate: Gate | None = None) -> Position:
    """The same within a transaction; see ``move``.

    Raises:
        ConfigurationError, UnsafeToContinue: as ``move``.
    """
    market, handoff = wish.market, wish.handoff
    position = history_of(connection, hub, market, handoff)[-1]
    if forbidden := why_not(position, wish.kind, wish.cohort):
        raise ConfigurationError(f"{handoff} in {market}: {forbidden}")
    stage, cohort = target_of(position, wish.kind, wish.cohort)
    answer = GateAnswer(None)
    if MOVE_KINDS[wish.kind].needs_gate:
        answer = _answer(connection, position, stage, cohort, decision, gate)
        if stage == "legacy_retired":
            _check_drained(handoff, market, draining_in(connection, hub, market, handoff))
    number = next_number(connection, market, handoff)
    epoch = number if MOVE_KINDS[wish.kind].begins_epoch else position.epoch
    moved = Move(
        wish.kind, stage, cohort, decision.at, decision.actor, decision.why.strip(), answer.verdict_id, epoch
    )
    append_move(connection, market, handoff, moved, number)
    if wish.kind == "promoted" and stage == "canary":
        keep_legacy_figures(connection, hub.operator, market, handoff, decision.at)
    if MOVE_KINDS[wish.kind].begins_epoch:
        void_questions(connection, market, handoff, decision.at, f"the hand-off was {wish.kind.replace('_', ' ')}")
    note(
        connection,
        decision.at,
        decision.actor,
        f"takeover.{wish.kind}",
        f"{market}/{handoff}",
        _told(position, moved),
    )
    return after(position, moved)


def _check_reason(decision: Decision, market: str) -> None:
    if not decision.why.strip():
        raise ConfigurationError(f"a move of a hand-off in {market} needs a reason")


def _answer(
    connection: Connection,
    position: Position,
    stage: TakeoverStage,
    cohort: Cohort,
    decision: Decision,
    gate: Gate | None,
) -> GateAnswer:
    if gate is None:
        raise UnsafeToContinue(f"{position.handoff} in {position.market}: no gate was asked, so nothing goes forward")
    answer = gate.ask(connection, position, stage, cohort, decision)
    if answer.lacks:
        raise UnsafeToContinue(f"{position.handoff} in {position.market} stays in {position.stage}: {answer.lacks}")
    return answer


def _check_drained(handoff: Handoff, market: str, draining: Draining) -> None:
    if draining.keeps_legacy:
        raise UnsafeToContinue(f"{handoff} in {market}: {draining.keeps_legacy}")


def _told(before: Position, moved: Move) -> dict[str, Any]:
    return {
        "from": before.stage,
        "to": moved.stage,
        "cohort": str(moved.cohort),
        "why": moved.why,
        "epoch": moved.epoch,
        "verdict": moved.verdict_id,
    }
