"""Bring services of a market to life: orders made ready, completions taken in, sagas led, other systems told."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.asked import ActivationRequest
from flows.ending import completed
from flows.opening import opened
from flows.provisioning_artifacts import show_histories, show_orders, show_sagas
from flows.provisioning_steps import lead_what_is_due, make_orders_ready, sagas_of_market


def _name() -> str:
    return f"activate services of {flow_run.parameters['request'].market}"


@flow(name="activate_service", flow_run_name=_name, persist_result=False)
def activate_service(request: ActivationRequest) -> State[Any]:
    """Work a market off: whatever is due is led as far as it goes, and what needs a person is told.

    An order waits for field service to show its job, so that orders are looked at before and after what is due.
    """
    with opened(request) as at_hand:
        before = make_orders_ready(at_hand, request)
        batch = lead_what_is_due(at_hand, request.seconds)
        after = make_orders_ready(at_hand, request)
        if after.begun:
            batch = lead_what_is_due(at_hand, request.seconds)
        sagas = sagas_of_market(at_hand, request.market, batch.began_at)
        show_orders(request.market, (before, after))
        show_sagas(request.market, sagas.held)
        show_histories(at_hand.hub, sagas.moved)
    begun = len(before.begun) + len(after.begun)
    said = [f"{begun} begun, {len(sagas.moved)} moved, {len(sagas.held)} held"]
    if not batch.is_all:
        said.append(f"after {request.seconds:g} s something was still due")
    need = len(sagas.held) + len(before.told) + len(after.told)
    return completed("; ".join(said), f"{need} need a person" if need else "")
