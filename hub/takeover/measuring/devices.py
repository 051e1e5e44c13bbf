"""Devices in use: whether inventory and live network speak of the same ones, and whether each is reachable now."""

from datetime import timedelta

from sqlalchemy import select

from canonical_model.billing import Subscription
from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from provisioning.equipment import TERMINAL_KINDS
from storage.history import known
from storage.lines_seen import installed_places, last_sweep
from storage.schema.canonical import CANONICAL_TABLES

_HEARD = timedelta(hours=26)
"""A reading that is older does not show that a device is reachable."""
_PROVEN = timedelta(days=7)
_MOST_TOLD = 50


def devices(look: Look) -> dict[str, Measure]:
    """The two measures without which no canary of provisioning begins.

    In use is what stands at a customer of whom billing knows, and what is up on the network. A serial is reconciled
    where the inventory has it at a customer and the network has it on a port. What a customer pays for it is
    a finding and no matter of serials. One that is switched off now was reachable where it carried traffic this week.
    """
    places = installed_places(look.connection, look.market.id, TERMINAL_KINDS[look.market.technology])
    billed = _billed(look)
    inventory = {serial for serial, place in places.items() if place.account_number in billed}
    sweep = {each.serial: each for each in last_sweep(look.connection, look.market.id)}
    if not sweep:
        why = "no element was ever swept"
        return {"serials_reconciled": Measure(None, why), "serials_reachable": Measure(None, why)}
    up = {serial for serial, each in sweep.items() if each.operational_state == "up"}
    heard = {
        serial
        for serial, each in sweep.items()
        if (serial in up and look.now - each.observed_at <= _HEARD)
        or (each.last_traffic_at is not None and look.now - each.last_traffic_at <= _PROVEN)
    }
    in_use = inventory | up
    as_of = max(each.observed_at for each in sweep.values())
    unreconciled = sorted((inventory - sweep.keys()) | (up - places.keys()))
    silent = sorted(inventory - heard)
    return {
        "serials_reconciled": Measure(
            Share(len(in_use) - len(unreconciled), len(in_use)), as_of=as_of, works=tuple(unreconciled[:_MOST_TOLD])
        ),
        "serials_reachable": Measure(
            Share(len(inventory) - len(silent), len(inventory)), as_of=as_of, works=tuple(silent[:_MOST_TOLD])
        ),
    }


def _billed(look: Look) -> set[str]:
    """Accounts that billing bills, or has suspended: a suspended customer has his device."""
    table = CANONICAL_TABLES[Subscription]
    query = select(table.c.account_number).where(
        known(table, None), table.c.market == look.market.id, table.c.state.in_(("active", "suspended"))
    )
    return set(look.connection.execute(query).scalars())
