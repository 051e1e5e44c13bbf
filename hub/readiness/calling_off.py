"""Call off the technician's job of an order that will not come, as long as nobody has set out for it."""

from datetime import datetime

from canonical_model.errors import ConfigurationError, OnHold, UnsafeToContinue
from canonical_model.field_work import WorkOrder
from handoffs.effect_states import WAITING
from hub.effects.decisions import discard_in
from hub.readiness.jobs import send_home
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from storage.current_records import records_among
from storage.effects import effects_about

_MADE_BY = "create_work_order"


def call_off(hub: Hub, market: str, order_number: str, now: datetime, may: MayAct, why: str) -> bool:
    """Call off what field service has for an order; one that nobody has heard of yet is not told at all.

    Args:
        hub: the operator's hub.
        market: of the order.
        order_number: of the order.
        now: when this happens.
        may: who may act.
        why: the reason, for the technician.

    Returns:
        Whether nothing is on its way any more; else it is to be called off in a later round.

    Raises:
        RetryableError: the database is out of reach.
    """
    with hub.database.journaling() as connection:
        told = effects_about(connection, market, [f"order/{order_number}"])
        made = [each for each in told if each.command == _MADE_BY]
        for each in made:
            if each.state in ("queued", "refused") and each.sends == 0:
                discard_in(connection, each.id, now, actor="hub", why=why, states=("queued", "refused"))
            elif each.state in WAITING:
                return False
        jobs = records_among(connection, WorkOrder, market, "order_number", [order_number])
    shown = {each.work_order_id for each in jobs}
    unshown = [each.reference for each in made if each.state == "done" and each.reference not in {*shown, ""}]
    try:
        send_home(hub, market, order_number, jobs, now, may, why, unshown)
    except OnHold:
        return False
    except (UnsafeToContinue, ConfigurationError):
        return True  # who owns the hand-off calls it off
    return True
