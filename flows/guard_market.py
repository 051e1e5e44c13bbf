"""Look for harm in what the hub does in a market, every few minutes; and wake what waits for a better day."""

from datetime import datetime, timedelta
from typing import Any

from prefect import flow, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.events import emit_event
from prefect.runtime import flow_run

from flows.asked import GuardRequest
from flows.ending import completed
from flows.events import FEED_IS_STALE, HANDOFF_WAS_MOVED, market_resource, source_resource
from flows.migrate_market import LOOK_KEY
from flows.opening import opened
from flows.takeover_artifacts import show_guard, show_market
from hub.takeover.guard import GuardOutcome
from hub.takeover.standing import market_standing
from hub.takeover.watching import watch_takeover

NO_HARM = "no harm is seen"


def _name() -> str:
    return f"guard {flow_run.parameters['request'].market}"


@flow(name="guard_market", flow_run_name=_name, persist_result=False)
def guard_market(request: GuardRequest) -> State[Any]:
    """Look for harm, give back or stop what the rules say, remind those who are asked, and look at gates again."""
    with opened(request) as at_hand:
        watched = watch_takeover(at_hand.hub, request.market, request.moment)
        standing = market_standing(at_hand.hub, request.market)
    show_market(request.market, standing)
    show_guard(watched.guarded)
    _tell_others(watched.guarded)
    resumed = _resume(request.market, request.moment, timedelta(hours=request.look_every_hours))
    said = [trip.said for trip in watched.guarded.trips] or [NO_HARM]
    if watched.reminded:
        said.append(f"{watched.reminded} reminded")
    if resumed:
        said.append(f"{resumed} gates are looked at again")
    moved = ", ".join(handoff.replace("_", " ") for handoff in watched.guarded.done)
    return completed("; ".join(said), f"{moved} moved" if moved else "")


def _tell_others(outcome: GuardOutcome) -> None:
    """Let the server start what follows: of what was moved, and of feeds that are old."""
    for handoff, done in outcome.done.items():
        emit_event(HANDOFF_WAS_MOVED, market_resource(outcome.market), payload={"handoff": handoff, "done": done})
    stale = {work for trip in outcome.trips if trip.signal.kind == "stale_feed" for work in trip.signal.works}
    for system in sorted({work.partition("/")[0] for work in stale}):
        emit_event(FEED_IS_STALE, source_resource(system), payload={"market": outcome.market})


def _resume(market: str, now: datetime, look_every: timedelta) -> int:
    """Resume the runs of a market that wait for a better day, and have waited long enough."""
    paused = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])))
    leads = FlowFilter(name=FlowFilterName(any_=["migrate_market"]))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_filter=leads, flow_run_filter=paused, limit=200)
        due = [each for each in runs if _is_due(each, market, now, look_every)]
        for run in due:
            client.resume_flow_run(run.id)
    return len(due)


def _is_due(run: FlowRun, market: str, now: datetime, look_every: timedelta) -> bool:
    state = run.state
    if state is None or run.parameters.get("request", {}).get("market") != market:
        return False
    key = state.state_details.pause_key or ""
    return key.startswith(LOOK_KEY) and now - state.timestamp >= look_every
