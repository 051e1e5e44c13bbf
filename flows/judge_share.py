"""Judge one share of a snapshot's buckets, for a run that concludes; any worker that sees the workspace may."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.asked import ShareRequest
from flows.opening import HubAtHand, opened
from flows.retrying import step
from hub.shares import judge_share_of


def _name() -> str:
    request = flow_run.parameters["request"]
    return f"judge share {request.share + 1} of {request.shares} of {request.snapshot.name}"


@step("judge the buckets of share {request.share}")
def judge_buckets(at_hand: HubAtHand, request: ShareRequest) -> tuple[str, ...]:
    """Judge the buckets that nobody has judged yet; a retry goes on behind the last one."""
    return judge_share_of(at_hand.hub, request.snapshot, request.share, request.shares)


@flow(name="judge_share", flow_run_name=_name, persist_result=False)
def judge_share(request: ShareRequest) -> State[None]:
    """Judge every so many-th bucket of a snapshot that ``spread_market`` took."""
    with opened(request) as at_hand:
        judged = judge_buckets(at_hand, request)
    return Completed(message=f"{len(judged)} buckets judged")
