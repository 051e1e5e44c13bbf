"""A market of the past as readiness would have seen it: the plant of a snapshot, without what an order has itself.

A snapshot says how the market stood at its moment, and not on each day before. What came of an order itself is taken
out of the plant. What came of the others is not: an order of last quarter finds as little room as one of today.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from canonical_model.incidents import Outage
from canonical_model.network import NetworkObservation
from canonical_model.plant import AccessTerminal
from canonical_model.stock import StockMovement
from hub.readiness.market_view import MarketView, OwnPlace, assembled_view
from hub.readiness.order_records import OrderRecords
from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.snapshot_records import SnapshotRecords
from hub.takeover.shadow.tables import MarketTables
from provisioning.equipment import TERMINAL_KINDS, StockedDevice

_IN_STOCK = ["received", "returned"]


def snapshot_view(records: SnapshotRecords, tables: MarketTables) -> MarketView:
    """The whole plant of a snapshot, everything that elements show on it, and a device of each model in stock."""
    terminals = records.everything(AccessTerminal)
    devices = records.rows(
        NetworkObservation, "element, port, operational_state, observed_at", "port IS NOT NULL", []
    )
    kind = TERMINAL_KINDS[tables.market.technology]
    stock = records.rows(
        StockMovement,
        "min(serial), model",
        "kind = ? AND movement IN (SELECT unnest(?)) GROUP BY model ORDER BY model",
        [kind, _IN_STOCK],
    )
    return assembled_view(
        tables.market,
        tables.network.fingerprint,
        terminals,
        ((element, port, state, at) for element, port, state, at in devices),
        stock=[StockedDevice(serial, kind, model) for serial, model in stock],
        outages=[each for each in records.everything(Outage) if each.ended_at is None],
    )


def view_without(
    view: MarketView, known: Mapping[str, OrderRecords], histories: Mapping[str, OrderHistory]
) -> MarketView:
    """The market as if some orders had not been carried out, and their devices were still to be given to them."""
    kind = TERMINAL_KINDS[view.market.technology]
    own_devices = {
        number: [StockedDevice(each.serial, kind, each.model)]
        for number, each in histories.items()
        if each.serial is not None and number in known
    }
    places = {
        number: place
        for number, each in histories.items()
        if number in known and (place := own_place(view, known[number], each)) is not None
    }
    return replace(view, own_devices={**view.own_devices, **own_devices}, own_places=places)


def own_place(view: MarketView, known: OrderRecords, history: OrderHistory) -> OwnPlace | None:
    """Where the device of an order hangs; None where no element shows it on a port of the plant."""
    device = history.device
    if device is None or device.port is None or known.premise is None:
        return None
    port, number = _on_plant(view, device.element, device.port)
    if port is None:
        return None
    terminal = known.premise.terminal
    hub = view.plant.get(known.premise.hub, ())
    return OwnPlace(terminal, device.element, port, number, _is_counted(hub, terminal, device))


def _on_plant(view: MarketView, element: str, port: str) -> tuple[str | None, int | None]:
    """The port of the plant that a device is on, and its number there."""
    if (element, port) in view.seen:
        return port, None
    before, _, number = port.rpartition("/")
    if (element, before) in view.seen:
        return before, int(number) if number.isdecimal() else None
    return None, None


def _is_counted(terminals: Iterable[AccessTerminal], terminal: str | None, device: NetworkObservation) -> bool:
    """Whether the inventory counted the plant when the device was there already."""
    since = device.registered_since
    counted = (each.observed_at for each in terminals if each.terminal == terminal)
    return any(at is not None and (since is None or since <= at) for at in counted)
