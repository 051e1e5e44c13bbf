"""The history of an effect: rows that are only ever added."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, func, select

from handoffs.effect_states import EffectState, Sight, Told
from storage.histories import append_rows
from storage.schema.effects import EFFECT_STEP

StepName = Literal["enqueued", "sending", "sent", "looked", "lapsed", "withheld", "retried", "discarded"]
"""``sending`` stands before the wire is touched, ``sent`` when the answer is there or will not come."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an effect.

    Attributes:
        attempt: which sending it belongs to, 0 before the first.
        state: behind the step.
        told: what the system said.
        sight: what it showed.
        reference: its own id of what it did.
        said: its words, or the reason; never a secret.
        error: class of the error, where there was one.
        actor: the process, or the person.
    """

    at: datetime
    step: StepName
    attempt: int
    state: EffectState
    told: Told | None = None
    sight: Sight | None = None
    reference: str = ""
    said: str = ""
    error: str | None = None
    actor: str = "hub"


_STEP_NAMES = ("at", "step", "attempt", "state", "told", "sight", "reference", "said", "error", "actor")
# built once: a statement costs more to put together than to run
_LAST_SENDING = select(func.max(EFFECT_STEP.c.at)).where(
    EFFECT_STEP.c.effect_id == bindparam("effect"), EFFECT_STEP.c.step == "sending"
)


def append_step(connection: Connection, effect_id: int, step: Step) -> None:
    """Add a step behind the last one of its effect; the caller holds the effect's row."""
    append_steps(connection, [(effect_id, step)])


def append_steps(connection: Connection, steps: Iterable[tuple[int, Step]]) -> None:
    """Add steps of effects, each behind the last one of its effect; the caller holds the effects' rows."""
    rows = [
        {
            **{name: getattr(step, name) for name in _STEP_NAMES},
            "reference": step.reference or None,
            "effect_id": effect_id,
        }
        for effect_id, step in steps
    ]
    append_rows(connection, EFFECT_STEP, "effect_id", rows)


def last_sending(connection: Connection, effect_id: int) -> datetime | None:
    """When an effect last went out, or was about to; None where it never was."""
    moment: datetime | None = connection.execute(_LAST_SENDING, {"effect": effect_id}).scalar_one()
    return moment


def steps_of(connection: Connection, effect_id: int) -> list[Step]:
    """Everything that happened to an effect, oldest first."""
    query = select(EFFECT_STEP).where(EFFECT_STEP.c.effect_id == effect_id).order_by(EFFECT_STEP.c.number)
    return [
        Step(
            row.at,
            row.step,
            row.attempt,
            row.state,
            row.told,
            row.sight,
            row.reference or "",
            row.said,
            row.error,
            row.actor,
        )
        for row in connection.execute(query)
    ]
