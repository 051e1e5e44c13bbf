"""Where the take-over of a hand-off stands in a market, and how it may move: rows that are only ever added; pure.

Each move is a row. The position at any moment is what the rows until then come to, so that it can be told for every
order on which path it began, years later too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from handoffs.cohort import EVERYTHING, NOTHING, Cohort
from handoffs.stages import BACK, FORWARD, Handoff, TakeoverStage

MoveKind = Literal["promoted", "widened", "narrowed", "held", "released", "given_back", "rolled_back"]


@dataclass(frozen=True, slots=True)
class MoveMeaning:
    """What a kind of move is.

    Attributes:
        needs_gate: only through a gate that has passed, and by somebody who may approve it.
        begins_epoch: who may write changes: what was leased before is void.
        meaning: in a sentence.
    """

    needs_gate: bool
    begins_epoch: bool
    meaning: str


MOVE_KINDS: dict[MoveKind, MoveMeaning] = {
    "promoted": MoveMeaning(True, True, "one stage on"),
    "widened": MoveMeaning(True, True, "the canary takes over more of the work"),
    "narrowed": MoveMeaning(False, True, "the canary takes over less of the work"),
    "held": MoveMeaning(False, False, "the line is stopped: the hub begins nothing and sends nothing"),
    "released": MoveMeaning(False, False, "the line goes on"),
    "given_back": MoveMeaning(False, True, "a person gives the hand-off back to the legacy system"),
    "rolled_back": MoveMeaning(False, True, "a rule has given the hand-off back to the legacy system"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the history.

    Attributes:
        stage: behind it.
        cohort: behind it; nothing before the canary, everything after it.
        actor: the person or the rule that made it.
        why: in words.
        verdict_id: of the gate that it went through, where it needed one.
        epoch: who-may-write changes with each, so that a lease of an older one is void.
    """

    kind: MoveKind
    stage: TakeoverStage
    cohort: Cohort
    at: datetime
    actor: str
    why: str
    verdict_id: int | None = None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a hand-off stands in a market.

    Attributes:
        stage: how far it is taken over.
        cohort: the work that the hub takes over; everything from ``active`` on.
        is_held: whether the line is stopped.
        since: when it came to this stage and cohort; None where it was declared and never moved.
        epoch: grows each time who may write changes; 0 where it was declared.
        why: the last move in words.
    """

    market: str
    handoff: Handoff
    stage: TakeoverStage
    cohort: Cohort
    is_held: bool = False
    since: datetime | None = None
    epoch: int = 0
    why: str = "declared in handoffs.yaml"


def declared(market: str, handoff: Handoff, stage: TakeoverStage = "observe") -> Position:
    """Where a hand-off stands before anybody has moved it."""
    return Position(market, handoff, stage, cohort_in(stage, NOTHING))


def cohort_in(stage: TakeoverStage, cohort: Cohort) -> Cohort:
    """The cohort that a stage has: only a canary chooses."""
    if stage == "canary":
        return cohort
    return EVERYTHING if stage in ("active", "legacy_retired") else NOTHING


def after(position: Position, move: Move) -> Position:
    """The position behind a move."""
    reason = f"{move.actor}: {move.why}"
    if move.kind in ("held", "released"):
        return replace(position, is_held=move.kind == "held", why=reason)
    return Position(
        position.market,
        position.handoff,
        move.stage,
        move.cohort,
        # what is under way stays stopped when a hand-off is given back, until somebody lets it go on
        is_held=position.is_held and move.kind in ("given_back", "rolled_back"),
        since=move.at,
        epoch=move.epoch,
        why=reason,
    )


def positions_of(start: Position, moves: Iterable[Move]) -> list[Position]:
    """Every position so far, the first as it was declared, one more for each move."""
    found = [start]
    for move in moves:
        found.append(after(found[-1], move))
    return found


def positions_since(history: Sequence[Position], moment: datetime | None) -> Sequence[Position]:
    """The position of a history at a moment and all that came after it; only the last one where no moment is told."""
    if moment is None:
        return history[-1:]
    places = range(len(history) - 1, -1, -1)
    held = (place for place in places if (began := history[place].since) is None or began <= moment)
    return history[next(held, 0) :]


def acting_since(history: Sequence[Position]) -> datetime | None:
    """Since when the hub has acted without having given the hand-off back; None where that was declared.

    Args:
        history: every position so far, the last one of a stage in which the hub acts.
    """
    found = None
    for position in reversed(history):
        if position.stage in ("observe", "shadow"):
            break
        found = position.since
    return found


def why_not(position: Position, kind: MoveKind, cohort: Cohort | None = None) -> str:
    """What forbids a move from a position, whatever its gate says; empty where nothing does."""
    stage = position.stage
    if stage == "legacy_retired" and kind not in ("held", "released"):
        return "the legacy system is retired: there is nothing to give it back to, and no stage behind"
    if kind == "promoted":
        return _why_not_promoted(position, cohort)
    if kind in ("widened", "narrowed"):
        return _why_not_resized(position, kind, cohort)
    if kind == "held":
        return "the line is stopped already" if position.is_held else ""
    if kind == "released":
        return "" if position.is_held else "the line is not stopped"
    return "" if stage in BACK else f"in {stage} there is nothing to give back: legacy acts"


def _why_not_promoted(position: Position, cohort: Cohort | None) -> str:
    if position.is_held:
        return "the line is stopped: release it first"
    following = FORWARD.get(position.stage)
    if following == "canary" and (cohort is None or cohort.share == 0):
        return "a canary needs a cohort: towns, technologies, order types or a share of the work"
    if following != "canary" and cohort is not None:
        return f"only a canary has a cohort, and {position.stage} leads to {following}"
    return ""


def _why_not_resized(position: Position, kind: MoveKind, cohort: Cohort | None) -> str:
    if position.stage != "canary" or cohort is None:
        return f"only a canary has a cohort; the hand-off is in {position.stage}"
    if position.is_held:
        return "the line is stopped: release it first"
    if cohort == position.cohort:
        return f"the cohort is {cohort} already"
    if kind == "widened" and not position.cohort.is_within(cohort):
        return f"{cohort} does not hold all of {position.cohort}: narrow the canary first"
    if kind == "narrowed" and not cohort.is_within(position.cohort):
        return f"{cohort} is not within {position.cohort}: that would widen the canary"
    return ""


def target_of(position: Position, kind: MoveKind, cohort: Cohort | None = None) -> tuple[TakeoverStage, Cohort]:
    """Stage and cohort behind an allowed move."""
    if kind == "promoted":
        stage = FORWARD[position.stage]
    elif kind in ("given_back", "rolled_back"):
        stage = BACK[position.stage]
    else:
        stage = position.stage
    wanted = position.cohort if cohort is None else cohort
    return stage, cohort_in(stage, wanted)
