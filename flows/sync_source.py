"""Pull everything that changed in one system."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.asked import SourceRequest
from flows.opening import opened
from flows.pulling import ended, pull_systems


def _name() -> str:
    return f"pull {flow_run.parameters['request'].system}"


@flow(name="sync_source", flow_run_name=_name, persist_result=False)
def sync_source(request: SourceRequest) -> State[Any]:
    """Pull every stream of a system, each from where it stopped last time."""
    with opened(request) as at_hand:
        return ended(pull_systems(at_hand, [request]))
