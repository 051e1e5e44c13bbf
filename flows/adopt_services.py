"""Adopt what legacy has brought to life in a market, so that orders about it are the hub's."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.asked import AdoptionRequest
from flows.ending import completed
from flows.opening import opened
from flows.provisioning_artifacts import show_left
from flows.provisioning_steps import begin_adoption, lead_what_is_due


def _name() -> str:
    return f"adopt services of {flow_run.parameters['request'].market}"


@flow(name="adopt_services", flow_run_name=_name, persist_result=False)
def adopt_services(request: AdoptionRequest) -> State[Any]:
    """Compare lines with what the hub would have told them; what differs is shown and left as it is.

    What is begun is compared by whoever leads sagas, this run among them; asking again tells how far it is.
    """
    with opened(request) as at_hand:
        begun = begin_adoption(at_hand, request, again=request.again, most=request.most)
        batch = lead_what_is_due(at_hand, request.seconds)
        stands = begin_adoption(at_hand, request, again=False, most=0)
        show_left(request.market, stands.left)
    said = [f"{len(begun.begun)} begun, {stands.known} known, {len(stands.left)} left as they are"]
    if stands.later:
        said.append(f"{stands.later} for the next time")
    if not batch.is_all:
        said.append(f"after {request.seconds:g} s something was still due")
    return completed("; ".join(said))
