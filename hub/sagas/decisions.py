"""What a person decides about a saga that is held; each decision is a row of its history and of the audit."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from hub.sagas.withdrawing import withdraw
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.saga import SEQUENCES, STEPS, SagaKind
from rules.gate_result import Waiver
from storage.audit import note
from storage.saga_leases import redirect
from storage.sagas import Saga, SagaStep, proposal_of, saga_with


def resume(hub: Hub, saga_id: int, now: datetime, *, actor: str, why: str, accept: bool = False) -> Saga:
    """Let a held saga take its step again.

    Args:
        hub: the operator's hub.
        saga_id: which.
        now: when this happens.
        actor: who decides.
        why: the reason.
        accept: what the saga proposed is so, and counts from now on.

    Raises:
        ConfigurationError: there is no such saga, it is not held, it proposes nothing, or no reason is given.
    """
    saga = _held(hub, saga_id, why)
    proposal = proposal_of(saga)
    if accept and not proposal:
        raise ConfigurationError(f"saga {saga.id} proposes nothing that could be accepted")
    facts = SagaFacts.model_validate_json(saga.facts)
    if facts.is_given_up:  # what could not be brought back is tried again; there is no way forward any more
        return _decided(hub, saga, _running(now) | {"state": "undoing"}, "resume", why, actor, now)
    values = _running(now)
    if accept:
        values["facts"] = facts.learning(proposal).model_dump_json()
    if accept and "profile" in proposal:
        # the network is told anew, and has to show it before anybody bills it
        values["step"] = next(step for step in SEQUENCES[cast("SagaKind", saga.kind)] if STEPS[step].nature == "acts")
    told = f"{why} (accepted: {_short(proposal)})" if accept else why
    return _decided(hub, saga, values, "resume", told, actor, now)


def waive(hub: Hub, saga_id: int, gates: Collection[str], now: datetime, *, actor: str, why: str) -> Saga:
    """Let a job pass gates that hold it, for what they said of it; something else that they say later holds again.

    Args:
        hub: the operator's hub.
        saga_id: which.
        gates: ids of the gates.
        now: when this happens.
        actor: who decides.
        why: the reason.

    Raises:
        ConfigurationError: there is no such saga, no such gate holds it, the gate may not be waived, or no reason is
            given.
    """
    saga = _held(hub, saga_id, why)
    facts = SagaFacts.model_validate_json(saga.facts)
    if facts.is_given_up:
        raise ConfigurationError(f"saga {saga.id} was cancelled: it only goes back")
    holding = {each.rule: each for each in facts.gates if each.holds} if saga.step == "gate" else {}
    for gate in gates:
        if gate not in holding:
            by = ", ".join(holding) or "no gate"
            raise ConfigurationError(f"saga {saga.id} is not held by {gate}, but by {by}")
        if not holding[gate].waivable:
            raise ConfigurationError(f"{gate} may not be waived: {holding[gate].said}")
    if not gates:
        raise ConfigurationError(f"say which gates are waived: {', '.join(holding) or 'none holds it'}")
    kept = [each for each in facts.waivers if each.rule not in gates]
    new = [Waiver(rule=gate, said=holding[gate].said, actor=actor, why=why, at=now) for gate in sorted(set(gates))]
    values = _running(now) | {"facts": facts.model_copy(update={"waivers": (*kept, *new)}).model_dump_json()}
    return _decided(hub, saga, values, "waive", f"{', '.join(sorted(set(gates)))}: {why}", actor, now)


def cancel(hub: Hub, saga_id: int, now: datetime, *, actor: str, why: str) -> Saga:
    """Bring back what a held saga has changed; nothing is billed, the work order stays open.

    What it would have told other systems is withdrawn, as long as none of them has heard of it.

    Raises:
        ConfigurationError: there is no such saga, it is not held, other systems were told already, or no reason is
            given.
    """
    return give_up(hub, _held(hub, saga_id, why), now, actor=actor, why=why)


def give_up(hub: Hub, saga: Saga, now: datetime, *, actor: str, why: str) -> Saga:
    """Bring back what a saga has changed, whatever it waits for; see ``cancel``.

    Raises:
        ConfigurationError: other systems were told already.
        UnsafeToContinue: it has changed since it was read.
    """
    facts = SagaFacts.model_validate_json(saga.facts).given_up()
    values = _running(now) | {"state": "undoing", "facts": facts.model_dump_json()}
    with hub.database.journaling() as connection:
        withdraw(connection, saga, now, actor=actor, why=why)
        return _written(connection, saga, values, "cancel", why, actor, now)


def _held(hub: Hub, saga_id: int, why: str) -> Saga:
    if not why.strip():
        raise ConfigurationError("a decision needs its reason")
    with hub.database.reading() as connection:
        saga = saga_with(connection, saga_id)
    if saga is None:
        raise ConfigurationError(f"there is no saga {saga_id}")
    if saga.state != "held":
        raise ConfigurationError(f"saga {saga_id} is {saga.state}: only one that is held waits for a decision")
    return saga


def _short(proposal: dict[str, Any]) -> str:
    """A proposal for the history; of a profile the tier alone, as the whole of it stands in the facts."""
    profile = {"profile": proposal["profile"]["offering_id"]} if "profile" in proposal else {}
    return json.dumps(
        {name: value for name, value in (proposal | profile).items() if value is not None}, sort_keys=True
    )


def _running(now: datetime) -> dict[str, object]:
    return {"state": "running", "due_at": now, "tries": 0, "step_began_at": now, "person": None, "proposal": None}


def _decided(
    hub: Hub, saga: Saga, values: dict[str, object], decision: str, why: str, actor: str, now: datetime
) -> Saga:
    with hub.database.journaling() as connection:
        return _written(connection, saga, values, decision, why, actor, now)


def _written(
    connection: Connection,
    saga: Saga,
    values: dict[str, object],
    decision: str,
    why: str,
    actor: str,
    now: datetime,
) -> Saga:
    step = SagaStep(now, saga.step, "decided", f"{decision}: {why}", actor=actor)
    note(connection, now, actor, f"saga.{decision}", f"saga/{saga.id}", {"why": why, "step": saga.step})
    return redirect(connection, saga, values, step)
