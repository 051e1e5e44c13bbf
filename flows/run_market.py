"""Pull everything a market depends on, then judge it."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.asked import MarketRequest
from flows.opening import opened
from flows.pulling import ended, pull_systems
from flows.reconcile_market import judge_and_show
from hub.sync import systems_of


def _name() -> str:
    return f"run {flow_run.parameters['request'].market}"


@flow(name="run_market", flow_run_name=_name, persist_result=False)
def run_market(request: MarketRequest) -> State[Any]:
    """Pull the systems that a market depends on and reconcile it, in one run.

    Where a pull fails the others go on, but nothing is judged: half of tonight's data beside half of last night's
    would show mismatches that are none. ``reconcile_market`` judges by what is known all the same.
    """
    with opened(request) as at_hand:
        systems = systems_of(at_hand.hub, request.market)
        pulls = pull_systems(at_hand, [request.for_system(system) for system in systems])
        if any(pull.failed for pull in pulls):
            return ended(pulls)
        return judge_and_show(at_hand, request)
