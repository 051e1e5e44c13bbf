"""What the hub itself did for a service: reservations, sagas, effects with their receipts; pure."""

from collections.abc import Sequence

from hub.service_history.entry import HistoryEntry
from storage.effect_steps import Step
from storage.effects import Effect
from storage.kept_for import KeptDevice, KeptLine
from storage.sagas import Saga, SagaStep

HUB = "splice"
_QUIET = frozenset({"sending"})
"""Steps of an effect that say nothing by themselves: what came of a sending stands in the next one."""


def saga_entries(saga: Saga, steps: Sequence[SagaStep]) -> list[HistoryEntry]:
    """Every step of a saga."""
    return [
        HistoryEntry(
            each.at,
            HUB,
            "saga",
            f"{saga.kind.replace('_', ' ')}: {each.step.replace('_', ' ')} {_EVENTS.get(each.event, each.event)}"
            + (f": {each.said}" if each.said else ""),
            f"saga {saga.id}" + ("" if each.actor in ("", HUB) else f", {each.actor}"),
        )
        for each in steps
    ]


def effect_entries(effect: Effect, steps: Sequence[Step]) -> list[HistoryEntry]:
    """An effect as it was asked for, sent and seen, with the other system's own reference as receipt."""
    command = effect.command.replace("_", " ")
    return [
        HistoryEntry(
            each.at,
            effect.system,
            "effect",
            f"{command}: {_said(each)}",
            f"effect {effect.id}",
        )
        for each in steps
        if each.step not in _QUIET
    ]


def reservation_entries(kept: Sequence[KeptLine], given: Sequence[KeptDevice]) -> list[HistoryEntry]:
    """Places on ports and devices of the store room that were kept for a service, and given free again."""
    entries = []
    for line in kept:
        place = f"{line.element} {line.port}" + (f", number {line.onu_id}" if line.onu_id else "")
        entries.append(
            HistoryEntry(line.reserved_at, HUB, "reservation", f"port {place} is kept", f"order {line.order_number}")
        )
        if line.released_at is not None:
            entries.append(
                HistoryEntry(line.released_at, HUB, "reservation", f"port {place} is free again: {line.reason}", "")
            )
    for device in given:
        name = f"{device.kind} {device.serial}"
        entries.append(
            HistoryEntry(device.allocated_at, HUB, "device", f"{name} is kept", f"order {device.order_number}")
        )
        if device.released_at is not None:
            entries.append(
                HistoryEntry(device.released_at, HUB, "device", f"{name} is free again: {device.reason}", "")
            )
    return entries


_EVENTS = {
    "intended": "is about to change",
    "waited": "waits",
    "held": "needs a person",
    "decided": "was decided",
    "lapsed": "was left by a process that died",
}


def _said(step: Step) -> str:
    said = (f", receipt {step.reference}" if step.reference else "") + (f": {step.said}" if step.said else "")
    if step.step == "sent":
        return f"was sent, the system says {step.told}{said}"
    if step.step == "looked":
        return f"the system shows it as {step.sight}, the effect is {step.state}{said}"
    return f"{step.step}{said}"
