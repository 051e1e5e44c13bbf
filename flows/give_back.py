"""One button: give a market's hand-offs back to the legacy systems, at once."""

from datetime import UTC, datetime
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.asked import GiveBackRequest
from flows.opening import opened
from flows.takeover_artifacts import show_market
from handoffs.stages import HANDOFFS
from hub.decision import Decision
from hub.takeover.moves import give_back as given_back
from hub.takeover.standing import market_standing


def _name() -> str:
    return f"give back {flow_run.parameters['request'].market}"


@flow(name="give_back", flow_run_name=_name, persist_result=False)
def give_back(request: GiveBackRequest) -> State[Any]:
    """Give hand-offs back: what the hub has begun it ends, everything else is legacy's from now on."""
    wanted = HANDOFFS if request.handoff is None else (request.handoff,)
    with opened(request) as at_hand:
        given = given_back(at_hand.hub, request.market, wanted, Decision(request.who, datetime.now(UTC), request.why))
        show_market(request.market, market_standing(at_hand.hub, request.market))
    names = ", ".join(each.handoff.replace("_", " ") for each in given)
    return Completed(message=f"given back: {names}" if names else "the hub had none of them")
