"""Devices in use: whether inventory and live network speak of the same ones, and whether each is reachable now."""

from datetime import timedelta

from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from provisioning.equipment import TERMINAL_KINDS
from storage.lines_seen import installed_places, last_sweep, served_accounts

_HEARD = timedelta(hours=26)
"""A reading that is older does not show that a device is reachable."""
_MOST_TOLD = 50


def devices(look: Look) -> dict[str, Measure]:
    """The two measures without which no canary of provisioning begins.

    In use is what stands at a customer who is billed, and what is up on the network: a device that only one of the
    two knows is not reconciled.
    """
    places = installed_places(look.connection, look.market.id, TERMINAL_KINDS[look.market.technology])
    served = served_accounts(look.connection, look.market.id)
    inventory = {serial for serial, place in places.items() if place.account_number in served}
    sweep = {each.serial: each for each in last_sweep(look.connection, look.market.id)}
    if not sweep:
        why = "no element was ever swept"
        return {"serials_reconciled": Measure(None, why), "serials_reachable": Measure(None, why)}
    up = {serial for serial, each in sweep.items() if each.operational_state == "up"}
    heard = {serial for serial in up if look.now - sweep[serial].observed_at <= _HEARD}
    in_use = inventory | up
    as_of = max(each.observed_at for each in sweep.values())
    unreconciled, silent = sorted(in_use - (inventory & sweep.keys())), sorted(inventory - heard)
    return {
        "serials_reconciled": Measure(
            Share(len(in_use) - len(unreconciled), len(in_use)), as_of=as_of, works=tuple(unreconciled[:_MOST_TOLD])
        ),
        "serials_reachable": Measure(
            Share(len(inventory) - len(silent), len(inventory)), as_of=as_of, works=tuple(silent[:_MOST_TOLD])
        ),
    }
