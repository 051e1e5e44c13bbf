"""Tell the parity that a hand-off would have had over the orders of a period; nothing is stored, nothing is sent."""

from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from canonical_model.errors import ConfigurationError
from canonical_model.intervals import DateInterval
from flows.artifact_keys import artifact_key
from flows.asked import ReplayRequest
from flows.ending import completed
from flows.opening import opened
from hub.reports.replay_files import headline, write_replay
from hub.takeover.shadow.replay import replay


def _name() -> str:
    request = flow_run.parameters["request"]
    return f"replay {request.market}: {request.handoff.replace('_', ' ')}"


@flow(name="replay_handoff", flow_run_name=_name, persist_result=False)
def replay_handoff(request: ReplayRequest) -> State[Any]:
    """Replay a hand-off over history, from the snapshot of the run that stands."""
    if request.until <= request.since:
        raise ConfigurationError(f"from {request.since} to {request.until} is not a single day")
    with opened(request) as at_hand:
        hub = at_hand.hub
        report = replay(hub, request.market, request.handoff, DateInterval(request.since, request.until))
        files = write_replay(report, hub.operator.file.operator, hub.reports / request.market)
    said = headline(report)
    lines = [
        f"# {said}",
        f"* page: `{files.page}`",
        f"* workbook: `{files.workbook}`",
        f"* CSV: `{files.differences_csv}`",
    ]
    create_markdown_artifact(
        key=artifact_key("replay", request.market, request.handoff),
        markdown="\n".join(lines),
        description=said,
    )
    return completed(said)
