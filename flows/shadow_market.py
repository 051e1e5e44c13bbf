"""State what the hub would do in a market, and compare it with what legacy was seen to do; nothing is sent."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.asked import MarketRequest
from flows.ending import completed
from flows.opening import opened
from flows.takeover_artifacts import show_shadow
from hub.takeover.shadow.run import shadow_market as compared


def _name() -> str:
    return f"shadow of {flow_run.parameters['request'].market}"


@flow(name="shadow_market", flow_run_name=_name, persist_result=False)
def shadow_market(request: MarketRequest) -> State[Any]:
    """State intents of hand-offs that are in shadow or further, compare what can be compared, show what differs."""
    with opened(request) as at_hand:
        outcome = compared(at_hand.hub, request.market, request.moment)
        show_shadow(at_hand.hub, outcome)
    said = []
    for handoff, found in outcome.handoffs.items():
        news = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in sorted(found.compared.items()))
        said.append(f"{handoff.replace('_', ' ')}: {news or 'nothing new'}, {found.waiting} wait")
    return completed("; ".join(said) or "no hand-off is in shadow")
