"""What a person decides about effects that cannot go on by themselves; each decision is a row of the audit."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from connectors.commands import frozen, plan_write, thawed
from connectors.ports import Write
from handoffs.commands import Command, from_json
from handoffs.effect_states import EffectState, Told
from hub.effects.attachments import attached_to
from hub.effects.enqueue import command_file
from hub.workplace import Hub
from storage.audit import note
from storage.doubts import Doubt, begin_doubt
from storage.effect_steps import Step, StepName, append_step
from storage.effects import Effect, effect_with, redirect


def retry(hub: Hub, effect_id: int, now: datetime, *, actor: str, why: str, send_again: bool = False) -> Effect:
    """Let an effect that was refused, parked or is unknown be taken up again.

    A refused one is planned anew by the operator's files of today and goes out under a new request id, since the
    other system may remember its refusal. One that may have happened is looked at first, in the way that the files
    say today; what would be sent stays as it is.

    Args:
        hub: the operator's hub.
        effect_id: which.
        now: when this happens.
        actor: who decides.
        why: the reason, for the audit.
        send_again: the person has made sure that it did not happen: it goes out without another look.

    Raises:
        ConfigurationError: there is no such effect, it is in no state to be retried, or no reason is given.
    """
    with hub.database.journaling() as connection:
        effect = _decided(connection, effect_id, ("refused", "parked", "unknown"), why)
        values: dict[str, Any] = {"due_at": now, "changed_at": now, "reason": why, "looks": 0}
        values |= _planned_anew(hub, effect) if effect.state == "refused" else {"write": _looked_at_anew(hub, effect)}
        is_certain = effect.state == "refused" or effect.told == "nothing" or send_again
        state: EffectState = "queued" if is_certain else "unknown"
        told: Told = "nothing" if is_certain else effect.told
        values |= {"state": state, "told": told, "sends": 0 if is_certain else effect.sends}
        return _written(connection, effect, "retried", values, now, actor, why)


def discard(hub: Hub, effect_id: int, now: datetime, *, actor: str, why: str) -> Effect:
    """Give an effect up: it is never sent again, and what waits behind it may go.

    Raises:
        ConfigurationError: there is no such effect, it has ended or is being sent, or no reason is given.
    """
    with hub.database.journaling() as connection:
        return discard_in(
            connection, effect_id, now, actor=actor, why=why, states=("queued", "refused", "parked", "unknown")
        )


def doubt(hub: Hub, now: datetime, until: datetime, *, actor: str, why: str) -> None:
    """Have every system looked at before something is sent to it for the first time, as after a restored backup.

    What is due then, and what is planned anew, may have been told by the hub as it was before. What no look can tell
    goes to a person, or is dropped where the operator's files say so.

    Args:
        hub: the operator's hub.
        now: when this happens; what is queued by now is in doubt.
        until: what is planned before then is as well.
        actor: who decides.
        why: the reason, for the audit.

    Raises:
        ConfigurationError: no reason is given, or the end is no later moment.
    """
    if not why.strip():
        raise ConfigurationError("a doubt needs a reason")
    if until <= now:
        raise ConfigurationError("a doubt ends later than it begins")
    with hub.database.journaling() as connection:
        begin_doubt(connection, Doubt(now, until), actor, why)


def discard_in(
    connection: Connection, effect_id: int, now: datetime, *, actor: str, why: str, states: tuple[EffectState, ...]
) -> Effect:
    """The same within a transaction, for an effect that is in one of some states.

    Raises:
        ConfigurationError: it is in none of them, there is none of that id, or no reason is given.
    """
    effect = _decided(connection, effect_id, states, why)
    values = {"state": "discarded", "changed_at": now, "reason": why}
    return _written(connection, effect, "discarded", values, now, actor, why)


def _decided(connection: Connection, effect_id: int, states: tuple[EffectState, ...], why: str) -> Effect:
    """The effect that a decision is about, locked."""
    effect = effect_with(connection, effect_id, locked=True)
    if effect is None:
        raise ConfigurationError(f"there is no effect {effect_id}; `splice outbox list` shows them")
    if effect.state not in states:
        raise ConfigurationError(
            f"effect {effect_id} is {effect.state}; only {', '.join(states)} can be decided about"
        )
    if not why.strip():
        raise ConfigurationError(f"effect {effect_id}: a decision needs a reason")
    return effect


def _written(
    connection: Connection,
    effect: Effect,
    step: StepName,
    values: dict[str, Any],
    now: datetime,
    actor: str,
    why: str,
) -> Effect:
    changed = redirect(connection, effect, values)
    append_step(connection, effect.id, Step(now, step, effect.sends, changed.state, said=why, actor=actor))
    detail = {"from": effect.state, "to": changed.state, "why": why, "request_id": changed.request_id}
    note(connection, now, actor, f"effect.{step}", f"effect/{effect.id}", detail)
    return changed


def _planned_anew(hub: Hub, effect: Effect) -> dict[str, Any]:
    generation = effect.generation + 1
    request_id = f"{effect.idempotency_key}.{generation}"
    planned = _plan(hub, effect, request_id)
    again = replace(planned, parts=(*planned.parts, *attached_to(thawed(effect.write))))
    return {"generation": generation, "request_id": request_id, "write": frozen(again)}


def _looked_at_anew(hub: Hub, effect: Effect) -> str:
    try:
        write = thawed(effect.write)
    except ValueError:
        raise ConfigurationError(
            f"effect {effect.id} cannot be read by this version: discard it, or use its own"
        ) from None
    return frozen(replace(write, looks=_plan(hub, effect, effect.request_id).looks))


def _plan(hub: Hub, effect: Effect, request_id: str) -> Write:
    command = Command(
        effect.command,
        effect.market,
        effect.handoff,
        effect.subject,
        from_json(effect.command, effect.fields),
        effect.idempotency_key,
        effect.acts_on,
    )
    return plan_write(command_file(hub, command, effect.system), command, request_id)
