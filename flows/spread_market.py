"""Judge a market with its buckets spread over whatever workers there are."""

import time
from pathlib import Path
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run

from canonical_model.errors import ConfigurationError
from flows.artifacts import show_assessment, show_market
from flows.asked import MarketRequest, ShareRequest, SpreadRequest
from flows.opening import HubAtHand, opened
from flows.reconcile_market import delivered, ended
from flows.retrying import step
from flows.steps import write_market_assessment
from hub.reconcile import MarketOutcome, reconcile_snapshot
from hub.shares import output_of, refuse_other_engines
from hub.snapshots import take_snapshot

DEPLOYMENT = "judge_share/judge-share"
LOOKS_EVERY_S = 2.0


def _name() -> str:
    request = flow_run.parameters["request"]
    return f"spread {request.market} over {request.shares} shares"


@step("conclude {request.market}")
def conclude(at_hand: HubAtHand, request: SpreadRequest, folder: Path) -> MarketOutcome:
    """Judge the buckets that no share has, make the findings of all of them, and write the reports."""
    return reconcile_snapshot(at_hand.hub, folder, request.moment)


@flow(name="spread_market", flow_run_name=_name, persist_result=False)
def spread_market(request: SpreadRequest) -> State[MarketOutcome]:
    """Take a snapshot, let a run for each share judge its buckets, and conclude.

    The workspace lies where every worker sees it under the same path. Whatever becomes of a share, its buckets
    are judged once: what is not there when the shares have ended, or none has come on for a while, is judged here.
    """
    with opened(request) as at_hand:
        refuse_other_engines(at_hand.hub)
        folder, _ = take_snapshot(at_hand.hub, request.market, request.moment)
        shares = [_started(request, folder.resolve(), share) for share in range(request.shares)]
        _wait_for(shares, output_of(at_hand.hub, folder), request.patience_s)
        outcome = conclude(at_hand, request, folder)
        show_market(outcome)
        if outcome.stands:
            judged = MarketRequest(**request.model_dump(include={"operator", "workspace", "as_of", "market"}))
            show_assessment(request.market, *write_market_assessment(at_hand, judged))
        return ended(outcome, delivered(at_hand, outcome, again=request.deliver_again))


def _started(request: SpreadRequest, folder: Path, share: int) -> UUID:
    asked = ShareRequest(
        operator=request.operator, workspace=request.workspace, snapshot=folder, share=share, shares=request.shares
    )
    parameters = {"request": asked.model_dump(mode="json", exclude_none=True)}
    try:
        return run_deployment(DEPLOYMENT, parameters=parameters, timeout=0).id  # type: ignore[union-attr]
    except ObjectNotFound as error:
        raise ConfigurationError(f"there is no deployment {DEPLOYMENT}: deploy prefect.yaml") from error


def _wait_for(shares: list[UUID], output: Path, patience_s: float) -> None:
    """Wait until every share has ended, or no bucket and no share has come on for some time."""
    seen, since = (-1, -1), time.monotonic()
    with get_client(sync_client=True) as client:
        while time.monotonic() - since < patience_s:
            states = [client.read_flow_run(share).state for share in shares]
            over = sum(state is not None and state.is_final() for state in states)
            if over == len(shares):
                return
            now = (over, len([place for place in output.glob("by_*/*") if not place.name.endswith(".partial")]))
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(LOOKS_EVERY_S)
