"""Do something to a service: another tier, a suspension, a swapped terminal, its end; network first, bill last."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.asked import ChangeRequest
from flows.ending import completed
from flows.opening import opened
from flows.provisioning_artifacts import show_histories
from flows.provisioning_steps import ask_for_change, lead_what_is_due, saga_as_it_is


def _name() -> str:
    request = flow_run.parameters["request"]
    return f"{request.change.replace('_', ' ')} {request.service}"


@flow(name="change_service", flow_run_name=_name, persist_result=False)
def change_service(request: ChangeRequest) -> State[Any]:
    """Write the wish down and lead it as far as it goes; asking again for the same wish changes nothing."""
    with opened(request) as at_hand:
        begun = ask_for_change(at_hand, request)
        lead_what_is_due(at_hand, request.seconds)
        saga = saga_as_it_is(at_hand, begun)
        show_histories(at_hand.hub, [saga])
    said = f"saga {saga.id} is {saga.state} at {saga.step}" + (f": {saga.reason}" if saga.reason else "")
    return completed(said, "needs a person" if saga.state == "held" else "")
