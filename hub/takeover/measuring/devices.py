"""Devices in use: whether inventory and live network speak of the same ones at the same places, and reach them now.

Asked are those that the next step concerns: a canary of one town takes over no line of another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select

from canonical_model.billing import Subscription
from canonical_model.network import NetworkObservation
from canonical_model.orders import PriceAlteration
from canonical_model.plant import AccessTerminal
from canonical_model.take_over import AccountCutOver
from canonical_model.wholesale import WholesaleLine
from handoffs.cohort import EVERYTHING, Cohort
from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.takeover.signals.look import Look
from provisioning.equipment import TERMINAL_KINDS
from provisioning.plant_room import place_of
from storage.current_records import current_records
from storage.history import known
from storage.installed_terminals import terminal_stays
from storage.lines_seen import last_sweep
from storage.schema.canonical import CANONICAL_TABLES
from storage.terminals_standing import Stay

_HEARD = timedelta(hours=26)
"""A reading that is older does not show that a device is reachable."""
_PROVEN = timedelta(days=7)
_MOST_TOLD = 500
"""Serials that are named: each of them has to be put right, and a verdict is kept with all that it names."""


def devices(look: Look, cohort: Cohort = EVERYTHING) -> dict[str, Measure]:
    """The two measures without which the hub provisions no line.

    In use is what stands at a customer of whom billing knows, and what is up on the network, another provider's line
    excepted that is known as such. A serial is reconciled where the inventory has it at a customer, or had it there
    last, and the network has it on a port of the terminal at which the inventory has the customer, and no other
    billing system was told of another one. What a customer pays for it is a finding and no matter of serials. One
    that is switched off now was reachable where it carried traffic this week. That the device of a suspended customer
    is dark is as it should be, and where no element shows it there is nothing to hold it against; one
    of a customer who is away for the season may be dark as well. Where none is left that should be heard nothing is
    shown, and the measure says so.

    Args:
        look: at the market.
        cohort: of the next step. Devices that stand outside of it are left out; of what stands nobody knows where it
            may be in it.
    """
    stays = terminal_stays(look.connection, look.market.id, TERMINAL_KINDS[look.market.technology])
    places = {each.serial: each for each in stays}  # where each stands, or stood last
    sweep = {each.serial: each for each in last_sweep(look.connection, look.market.id)}
    if not sweep:
        return _unmeasured("no element was ever swept")
    served, suspended = _billed(look, "active"), _billed(look, "suspended")
    standing = {serial: stay for serial, stay in places.items() if stay.until is None}
    away = _away(look)
    asked = {serial for serial, stay in standing.items() if stay.account_number in served}
    dark = {serial for serial, stay in standing.items() if stay.account_number in suspended - served}
    inventory = asked | (dark & sweep.keys())
    up = {serial for serial, each in sweep.items() if each.operational_state == "up"} - _of_others(look)
    elsewhere = {
        serial for serial, stay in places.items() if not cohort.may_reach(stay.place.town, look.market.technology)
    }
    inventory, asked, dark, up = (each - elsewhere for each in (inventory, asked, dark, up))
    if not inventory | up:
        return _unmeasured(f"no device is in use in {cohort}")
    misplaced = _misplaced(look, {serial: places[serial] for serial in inventory | up if serial in places}, sweep)
    lit = {serial for serial in asked if places[serial].account_number not in away}
    told = _told_otherwise(look, stays, inventory)
    unreconciled = (inventory - sweep.keys()) | (up - places.keys()) | misplaced | told
    as_of = max(each.observed_at for each in sweep.values())
    return {
        "serials_reconciled": _all_but(unreconciled, inventory | up, as_of),
        "serials_reachable": _all_but(lit - _heard(look, sweep), lit, as_of) if lit else _silent(asked, dark, cohort),
    }


def _unmeasured(why: str) -> dict[str, Measure]:
    return dict.fromkeys(("serials_reconciled", "serials_reachable"), Measure(None, why))


def _silent(away: Collection[str], suspended: Collection[str], cohort: Cohort) -> Measure:
    """That none is dark which should be heard shows no more than that none is: a person has to answer for it."""
    whose = f"customers of {len(away)} are away, of {len(suspended)} suspended"
    return Measure(
        None,
        f"no device in {cohort} should be heard now ({whose}), which proves none reachable; choose a cohort that has"
        " some, or put somebody's name to it with `off`",
    )


def _all_but(bad: Collection[str], all_of_them: Collection[str], as_of: datetime | None = None) -> Measure:
    share = Share(len(all_of_them) - len(bad), len(all_of_them))
    return Measure(share, as_of=as_of, works=tuple(sorted(bad)[:_MOST_TOLD]))


def _heard(look: Look, sweep: Mapping[str, NetworkObservation]) -> set[str]:
    """Devices that are up, or carried traffic this week."""
    return {
        serial
        for serial, each in sweep.items()
        if (each.operational_state == "up" and look.now - each.observed_at <= _HEARD)
        or (each.last_traffic_at is not None and look.now - each.last_traffic_at <= _PROVEN)
    }


def _misplaced(look: Look, standing: Mapping[str, Stay], sweep: Mapping[str, NetworkObservation]) -> set[str]:
    """Devices that the network shows elsewhere than at the terminal of the premise in which the inventory has them.

    Where the inventory names no terminal, or nobody lists the plant, there is nothing to hold the port against.
    """
    plant: dict[str, list[AccessTerminal]] = defaultdict(list)
    for each in current_records(look.connection, AccessTerminal, look.market.id):
        plant[each.terminal].append(each)
    if not plant:
        return set()
    return {
        serial
        for serial, stay in standing.items()
        if (terminal := stay.place.terminal) is not None
        and serial in sweep
        and not _is_at(plant[terminal], sweep[serial])
    }


def _is_at(terminals: Iterable[AccessTerminal], seen: NetworkObservation) -> bool:
    if seen.port is None:
        return any(each.element == seen.element for each in terminals)
    return place_of(terminals, seen.element, seen.port) is not None


def _billed(look: Look, state: str) -> set[str]:
    """Accounts of which billing has a subscription in a state."""
    table = CANONICAL_TABLES[Subscription]
    query = select(table.c.account_number).where(
        known(table, None), table.c.market == look.market.id, table.c.state == state
    )
    return set(look.connection.execute(query).scalars())


def _away(look: Look) -> set[str]:
    """Accounts whose service is on hold for the season, as somebody has agreed to."""
    today = look.market.local_date(look.now)
    agreed = current_records(look.connection, PriceAlteration, look.market.id, kind="seasonal_hold")
    return {
        each.account_number
        for each in agreed
        if each.valid_from <= today and (each.valid_to is None or today < each.valid_to)
    }


def _of_others(look: Look) -> set[str]:
    """Devices at the end of lines that another provider rents now; once a line has ended its device is nobody's."""
    today = look.market.local_date(look.now)
    return {
        each.serial
        for each in current_records(look.connection, WholesaleLine, look.market.id)
        if each.active_from <= today and (each.active_to is None or today < each.active_to)
    }


def _told_otherwise(look: Look, stays: Iterable[Stay], inventory: Collection[str]) -> set[str]:
    """Devices of moved accounts of which the other billing system was told a serial that is not the customer's.

    Right is what stands there now. What was swapped since the first day that the other system bills was told right.
    """
    at: dict[str, set[str]] = defaultdict(set)
    right: dict[tuple[str, str], date] = {}
    for stay in stays:
        if stay.until is None:
            at[stay.account_number].add(stay.serial)
        until = date.max if stay.until is None else look.day_of(stay.until)
        told = (stay.account_number, stay.serial)
        right[told] = max(until, right.get(told, until))
    moved = current_records(look.connection, AccountCutOver, look.market.id)
    wrong = {
        each.account_number
        for each in moved
        if each.serial is not None and right.get((each.account_number, each.serial), date.min) < each.cut_over_on
    }
    return {serial for account in wrong for serial in at[account]} & set(inventory)
