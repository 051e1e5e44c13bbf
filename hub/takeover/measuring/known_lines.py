"""How many of the lines in use are the hub's own: legacy's it can neither change, move nor end."""

from collections import Counter

from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from provisioning.equipment import TERMINAL_KINDS
from storage.installed_terminals import last_places
from storage.line_use import last_saga_of_services
from storage.lines_seen import served_accounts

_MOST_TOLD = 500
"""Accounts that are named: each has to be adopted, and a verdict is kept with all that it names."""


def lines_known(look: Look) -> Measure:
    """Terminals in use of whose services the hub knows, of all that stand at an account that billing serves.

    Args:
        look: at the market as a whole.
    """
    kind = TERMINAL_KINDS[look.market.technology]
    served = served_accounts(look.connection, look.market.id)
    standing = Counter(
        stay.account_number
        for stay in last_places(look.connection, look.market.id, kind).values()
        if stay.until is None and stay.account_number in served
    )
    if not standing:
        return Measure(None, "no terminal of an account that billing serves is known to stand anywhere")
    sagas = last_saga_of_services(look.connection, look.market.id)
    ours = Counter(service.partition("/")[0] for service, last in sagas.items() if last.is_known)
    good = sum(min(number, ours[account]) for account, number in standing.items())
    others = sorted(account for account, number in standing.items() if ours[account] < number)
    return Measure(Share(good, standing.total()), works=tuple(f"account/{each}" for each in others[:_MOST_TOLD]))
