"""What the server does by itself: it ends runs that are lost or stuck, and starts what follows an event."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flows.events import FEED_IS_STALE, HANDOFF_WAS_MOVED, market_resource, source_resource

HEARTBEAT_S = 30
"""How often a run of a worker says that it lives."""
LOST_AFTER = timedelta(minutes=2)
STUCK_AFTER = timedelta(hours=6)
_ENDS = ("Completed", "Failed", "Cancelled", "Crashed", "Paused", "Suspended")
_EVERY_RUN = {"prefect.resource.id": "prefect.flow-run.*"}


@dataclass(frozen=True, slots=True)
class Automation:
    """One rule of the server.

    Attributes:
        name: as the server's page lists it; the same name is the same rule.
        why: in a sentence.
        trigger: as Prefect's schema of event triggers has it.
        actions: likewise.
    """

    name: str
    why: str
    trigger: dict[str, Any]
    actions: tuple[dict[str, Any], ...]


def automations(markets: Sequence[str], systems: Sequence[str], deployments: dict[str, str]) -> list[Automation]:
    """The rules of an operator.

    Args:
        markets: their ids.
        systems: their names.
        deployments: id by name; what is not deployed is not started.
    """
    return [*_ends(), *_after_crashes(deployments), *_after_events(markets, systems, deployments)]


def create_automations(markets: Sequence[str], systems: Sequence[str]) -> None:
    """Create the rules on the server that this process reports to; those that it has are brought up to date."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - a second that only this needs
    from prefect.events.schemas.automations import AutomationCore  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        deployed = {each.name: str(each.id) for each in client.read_deployments()}
        for each in automations(markets, systems, deployed):
            core = AutomationCore.model_validate(
                {"name": each.name, "description": each.why, "trigger": each.trigger, "actions": list(each.actions)}
            )
            known = client.read_automations_by_name(each.name)
            for one in known[1:]:
                client.delete_automation(one.id)
            if known:
                client.update_automation(known[0].id, core)
            else:
                client.create_automation(core)


def _ends() -> Iterator[Automation]:
    ends = [f"prefect.flow-run.{name}" for name in _ENDS]
    beat = "prefect.flow-run.heartbeat"
    yield Automation(
        "splice: end a run whose process was lost",
        "A run that has stopped saying that it lives would hold the only slot of its deployment for ever.",
        _proactive([beat], [beat, *ends], LOST_AFTER),
        ({"type": "change-flow-run-state", "state": "CRASHED", "message": "lost with the process that ran it"},),
    )
    yield Automation(
        "splice: cancel a run that is stuck",
        "What runs for so long will not end; the next run goes on from what was stored.",
        _proactive(["prefect.flow-run.Running"], ends, STUCK_AFTER),
        ({"type": "cancel-flow-run"},),
    )


def _after_crashes(deployments: dict[str, str]) -> Iterator[Automation]:
    if "recover-sagas" in deployments:
        yield Automation(
            "splice: recover after a crash",
            "What a lost process has left under way is taken up at once, and not at the next full hour.",
            _reactive("prefect.flow-run.Crashed", _EVERY_RUN),
            (_start(deployments["recover-sagas"]),),
        )


def _after_events(
    markets: Sequence[str], systems: Sequence[str], deployments: dict[str, str]
) -> Iterator[Automation]:
    for market in markets:
        if f"shadow-{market}" in deployments:
            yield Automation(
                f"splice: compare again after a hand-off of {market} was moved",
                "What was given back is in shadow again: the comparison begins at once.",
                _reactive(HANDOFF_WAS_MOVED, market_resource(market)),
                (_start(deployments[f"shadow-{market}"]),),
            )
    for system in systems:
        if f"sync-{system}" in deployments:
            yield Automation(
                f"splice: pull {system} when its feed is stale",
                "What a hand-off is judged by is old: it is asked for at once.",
                _reactive(FEED_IS_STALE, source_resource(system)),
                (_start(deployments[f"sync-{system}"]),),
            )


def _reactive(event: str, resource: dict[str, str]) -> dict[str, Any]:
    match = {"prefect.resource.id": resource["prefect.resource.id"]}
    return {"type": "event", "posture": "Reactive", "expect": [event], "match": match, "threshold": 1, "within": 0}


def _proactive(after: list[str], expect: list[str], within: timedelta) -> dict[str, Any]:
    return {
        "type": "event",
        "posture": "Proactive",
        "match": _EVERY_RUN,
        "after": after,
        "expect": expect,
        "for_each": ["prefect.resource.id"],
        "threshold": 1,
        "within": int(within.total_seconds()),
    }


def _start(deployment_id: str) -> dict[str, Any]:
    return {"type": "run-deployment", "source": "selected", "deployment_id": deployment_id}
