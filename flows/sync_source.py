"""Pull everything that changed in one system."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from prefect.states import Completed, State

from flows.artifacts import show_pulls
from flows.asked import SourceRequest, opened
from flows.steps import pull_stream
from hub.sync import StreamOutcome, streams_of


def _name() -> str:
    return f"pull {flow_run.parameters['request'].system}"


@flow(name="sync_source", flow_run_name=_name)
def sync_source(request: SourceRequest) -> State[Any]:
    """Pull every stream of a system, one after the other, each from where it stopped last time."""
    outcomes = pull_system(request)
    read, changed = sum(each.counts.read for each in outcomes), sum(each.counts.changed for each in outcomes)
    set_aside = sum(each.counts.rejected for each in outcomes)
    return Completed(message=f"{read} records read, {changed} new or changed, {set_aside} set aside")


def pull_system(request: SourceRequest) -> list[StreamOutcome]:
    """The work of the flow, for flows that pull several systems in one run."""
    with opened(request) as hub:
        streams = streams_of(hub, request.system)
    outcomes = [pull_stream(request, stream) for stream in streams]
    show_pulls(request.system, outcomes)
    return outcomes
