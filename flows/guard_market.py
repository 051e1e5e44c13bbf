"""Look for harm in what the hub does in a market, every few minutes; and wake what waits for a better day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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

from flows.acquire_market import WAVE_KEY
from flows.asked import GuardRequest
from flows.ending import completed
from flows.events import FEED_IS_STALE, HANDOFF_WAS_MOVED, market_resource, source_resource
from flows.migrate_market import LOOK_KEY, QUESTION_KEY
from flows.opening import opened
from flows.takeover_artifacts import show_guard, show_market
from hub.acquisition.answering import open_wave_question, remind_of_waves
from hub.takeover.guard import GuardOutcome
from hub.takeover.powers import people_of
from hub.takeover.questions import open_questions
from hub.takeover.standing import market_standing
from hub.takeover.watching import watch_takeover
from hub.workplace import Hub

NO_HARM = "no harm is seen"


def _name() -> str:
    return f"guard {flow_run.parameters['request'].market}"


@flow(name="guard_market", flow_run_name=_name, persist_result=False)
def guard_market(request: GuardRequest) -> State[Any]:
    """Look for harm, give back or stop what the rules say, remind those who are asked, and look at gates again."""
    with opened(request) as at_hand:
        watched = watch_takeover(at_hand.hub, request.market, datetime.now(UTC))
        standing = market_standing(at_hand.hub, request.market)
        reminded = watched.reminded + remind_of_waves(at_hand.hub, request.market, datetime.now(UTC))
        desk = _desk(at_hand.hub, request.market)
    show_market(request.market, standing)
    show_guard(watched.guarded)
    _tell_others(watched.guarded)
    resumed = _resume(request, desk)
    said = [trip.said for trip in watched.guarded.trips] or [NO_HARM]
    if reminded:
        said.append(f"{reminded} reminded")
    if resumed:
        said.append(f"{resumed} gates are looked at again")
    moved = ", ".join(handoff.replace("_", " ") for handoff in watched.guarded.done)
    return completed("; ".join(said), f"{moved} moved" if moved else "")


@dataclass(frozen=True, slots=True)
class _Desk:
    """Questions of one kind.

    Attributes:
        key: how the key of a pause begins that waits for one.
        open_keys: those that wait for one which is open.
        anybody: whom its form lists first; any name that it lists sends it off.
    """

    key: str
    open_keys: tuple[str, ...]
    anybody: str


def _desk(hub: Hub, market: str) -> tuple[_Desk, _Desk]:
    """What persons are asked about hand-offs of a market, and about waves of an acquisition."""
    people = people_of(hub, market)
    handoffs = tuple(f"{QUESTION_KEY}{each.id}-" for each in open_questions(hub, market))
    about_wave = open_wave_question(hub, market)
    waves = () if about_wave is None else (f"{WAVE_KEY}{about_wave.id}-",)
    block = hub.operator.acquisitions.acquisitions.get(market)
    first = next(iter((*people.approvers, *people.deputies)), "nobody")
    return _Desk(QUESTION_KEY, handoffs, first), _Desk(WAVE_KEY, waves, block.approvers[0] if block else "nobody")


def _tell_others(outcome: GuardOutcome) -> None:
    """Let the server start what follows: of what was moved, and of feeds that are old."""
    for handoff, done in outcome.done.items():
        emit_event(HANDOFF_WAS_MOVED, market_resource(outcome.market), payload={"handoff": handoff, "done": done})
    stale = {work for trip in outcome.trips if trip.signal.kind == "stale_feed" for work in trip.signal.works}
    for system in sorted({work.partition("/")[0] for work in stale}):
        emit_event(FEED_IS_STALE, source_resource(system), payload={"market": outcome.market})


def _resume(request: GuardRequest, desks: Sequence[_Desk]) -> int:
    """Resume the runs of a market that have waited long enough, or for an answer that was given elsewhere.

    What a resumed run is handed then answers no question: it begins from the top, by what the ledger holds.
    """
    now, look_every = datetime.now(UTC), timedelta(hours=request.look_every_hours)
    paused = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])))
    leads = FlowFilter(name=FlowFilterName(any_=["migrate_market", "acquire_market"]))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_filter=leads, flow_run_filter=paused, limit=200)
        ours = [each for each in runs if each.parameters.get("request", {}).get("market") == request.market]
        looks = [each for each in ours if _has_waited(each, now, look_every)]
        for run in looks:
            client.resume_flow_run(run.id)
        void = [(each, desk) for each in ours for desk in desks if _asks_in_vain(each, desk)]
        for run, desk in void:
            said = {"decision": "stay", "approver": desk.anybody, "reason": "it was answered elsewhere"}
            client.resume_flow_run(run.id, run_input=said)
    return len(looks) + len(void)


def _has_waited(run: FlowRun, now: datetime, look_every: timedelta) -> bool:
    state = run.state
    return state is not None and _key(run).startswith(LOOK_KEY) and now - state.timestamp >= look_every


def _asks_in_vain(run: FlowRun, desk: _Desk) -> bool:
    """Whether it waits for an answer to a question that is open no more."""
    return _key(run).startswith(desk.key) and not _key(run).startswith(desk.open_keys)


def _key(run: FlowRun) -> str:
    return "" if run.state is None else run.state.state_details.pause_key or ""
