"""Look what the network shows to be wrong in a market, and ask for a crew where the plant is at fault."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.artifacts import show_incidents
from flows.asked import WatchRequest
from flows.ending import completed
from flows.opening import opened
from flows.pulling import pull_systems
from flows.steps import look_at_network, look_for_resets
from hub.sync import elements_of


def _name() -> str:
    return f"watch {flow_run.parameters['request'].market}"


@flow(name="watch_network", flow_run_name=_name, persist_result=False)
def watch_network(request: WatchRequest) -> State[Any]:
    """Sweep the elements of a market and judge what they show; one that is away leaves its lines as they were."""
    with opened(request) as at_hand:
        elements = elements_of(at_hand.hub, request.market)
        asked = [request.for_system(element) for element in elements]
        pulls = pull_systems(at_hand, asked) if request.pull_first else []
        outcome = look_at_network(at_hand, request)
        resets = look_for_resets(at_hand, request)
    show_incidents(request.market, outcome)
    away = [text for pull in pulls for text in pull.faults()]
    counts = [f"{outcome.lines} lines", f"{len(outcome.incidents)} incidents", f"{len(outcome.opened)} of them new"]
    again = [f"{len(resets.begun)} routers get their settings again"] if resets.begun else []
    said = "; ".join([", ".join(counts), *again, *away, *([resets.away] if resets.away else [])])
    crews = sum(each.action == "crew" for each in outcome.incidents)
    return completed(said, f"{crews} need a crew" if crews else "")
