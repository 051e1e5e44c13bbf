"""Pull everything a market depends on, then judge it."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from prefect.states import Completed, State

from flows.reconcile_market import judge_and_show
from flows.asked import MarketRequest, SourceRequest, opened
from flows.sync_source import pull_system
from hub.sync import systems_of


def _name() -> str:
    return f"run {flow_run.parameters['request'].market}"


@flow(name="run_market", flow_run_name=_name)
def run_market(request: MarketRequest) -> State[Any]:
    """Pull the systems that a market depends on and reconcile it, in one run."""
    with opened(request) as hub:
        systems = systems_of(hub, request.market)
    for system in systems:
        pull_system(
            SourceRequest(operator=request.operator, workspace=request.workspace, as_of=request.as_of, system=system)
        )
    return Completed(message=judge_and_show(request))
