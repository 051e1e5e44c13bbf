"""Take up what a lost process has left, in every market, and tell what needs a person."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.asked import RecoveryRequest
from flows.ending import completed
from flows.opening import opened
from flows.provisioning_artifacts import show_sagas
from flows.provisioning_steps import lead_what_is_due, sagas_of_market


@flow(name="recover_sagas", flow_run_name="recover sagas", persist_result=False)
def recover_sagas(request: RecoveryRequest) -> State[Any]:
    """Lead every saga on that is due or whose process was lost; nothing that was done is done again."""
    with opened(request) as at_hand:
        batch = lead_what_is_due(at_hand, request.seconds)
        markets = {name: sagas_of_market(at_hand, name, batch.began_at) for name in at_hand.hub.operator.markets}
    for name, sagas in markets.items():
        show_sagas(name, sagas.held)
    held = sum(len(sagas.held) for sagas in markets.values())
    said = f"{sum(len(sagas.moved) for sagas in markets.values())} moved, {held} held"
    return completed(said, f"{held} need a person" if held else "")
