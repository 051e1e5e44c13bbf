"""How many of the lines in use are the hub's own: legacy's it can neither change, move nor end."""

from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from provisioning.equipment import TERMINAL_KINDS
from storage.installed_terminals import last_places
from storage.line_use import last_saga_of_services
from storage.lines_seen import last_sweep, served_accounts

_MOST_TOLD = 500
"""Serials that are named: each line has to be adopted, and a verdict is kept with all that it names."""


def lines_known(look: Look) -> Measure:
    """Terminals in use of whose services the hub knows, of all.

    In use is what stands at an account that billing serves or has suspended, and what is up on the network and stands
    at nobody's. A terminal is known by its serial: an account may have several.

    Args:
        look: at the market as a whole.
    """
    connection, market = look.connection, look.market
    served = served_accounts(connection, market.id, ("active", "suspended"))
    places = last_places(connection, market.id, TERMINAL_KINDS[market.technology])
    standing = {serial for serial, stay in places.items() if stay.until is None and stay.account_number in served}
    up = {each.serial for each in last_sweep(connection, market.id) if each.operational_state == "up"}
    in_use = standing | (up - places.keys())
    if not in_use:
        return Measure(None, "no terminal is known to be in use")
    sagas = last_saga_of_services(connection, market.id).values()
    ours = {serial for last in sagas if last.is_known for serial in last.serials}
    others = sorted(in_use - ours)
    return Measure(Share(len(in_use) - len(others), len(in_use)), works=tuple(others[:_MOST_TOLD]))
