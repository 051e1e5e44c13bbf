"""The lines of a market as the last sweep saw them, with their installation and their place."""

from collections.abc import Iterator

from sqlalchemy import Connection

from canonical_model.network import Technology
from provisioning.equipment import TERMINAL_KINDS
from provisioning.watch.line_seen import LineSeen, pon_of
from storage.installed_terminals import last_places
from storage.lines_seen import first_levels, last_events, last_sweep, served_accounts


def lines_seen(connection: Connection, market: str, technology: Technology) -> Iterator[LineSeen]:
    """Every subscriber device of a market, as the records of the network tell of it, and whether it is in use."""
    levels, events = first_levels(connection, market), last_events(connection, market)
    places, served = (
        last_places(connection, market, TERMINAL_KINDS[technology]),
        served_accounts(connection, market),
    )
    for seen in last_sweep(connection, market):
        first, event, stay = levels.get(seen.serial), events.get(seen.serial), places.get(seen.serial)
        yield LineSeen(
            serial=seen.serial,
            element=seen.element,
            port=seen.port,
            pon=pon_of(seen.element, seen.port) if technology == "pon" else None,
            observed_at=seen.observed_at,
            operational_state=seen.operational_state,
            administrative_state=seen.administrative_state,
            last_event=None if event is None else event.kind,
            last_event_at=None if event is None else event.occurred_at,
            power=seen.optical_power,
            baseline=None if first is None else first.optical_power,
            baseline_at=None if first is None else first.observed_at,
            hub=None if stay is None else stay.place.hub,
            terminal=None if stay is None else stay.place.terminal,
            order_number=None if stay is None else stay.order_number,
            address=None if stay is None else stay.place.address,
            is_served=stay is not None and stay.account_number in served,
        )
