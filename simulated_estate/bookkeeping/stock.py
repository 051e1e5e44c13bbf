"""The store room's ledger, which the field service system keeps.

``stock_movements``: ``id``, ``region`` (``RIV``, ``MSA``, ``NSH``), ``serial`` (as scanned), ``kind`` (``ont``,
    ``nid``, ``sm``, ``router``), ``model``, ``type`` (``receipt``, ``issue``, ``return``, ``write_off``),
    ``work_order_id`` (what it was issued for, or null), ``moved_at`` (local with offset), ``updated_at`` (UTC,
    ``Z``).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from simulated_estate.books import Row
from simulated_estate.life.records import Movement, Placed
from simulated_estate.markets import Market
from simulated_estate.spelling import local, utc_z

FEED = "stock_movements"
_TYPES = {"received": "receipt", "issued": "issue", "returned": "return", "written_off": "write_off"}
_MODELS = {"ont": "GX-100", "nid": "NX-20", "sm": "SX-5", "router": "WR-6"}
"""What is handed out where nobody asked for another model."""


def stock_rows(movements: Iterable[Movement], market: Market) -> Iterator[Row]:
    """The rows of movements."""
    for each in movements:
        placed = each.placed
        yield {
            "id": f"mv_{placed.serial.lower()}_{each.moment:%y%m%d%H%M}_{each.what[:3]}",
            "region": market.region,
            "serial": placed.serial,
            "kind": placed.kind,
            "model": placed.model or _MODELS[placed.kind],
            "type": _TYPES[each.what],
            "work_order_id": None if each.job is None else f"wo_{each.job:08x}",
            "moved_at": local(each.moment),
            "updated_at": utc_z(each.moment),
        }


def delivered(serials: Iterable[str], market: Market, moment: datetime, model: str = "") -> Iterator[Row]:
    """The rows of new devices that end a line, as they come into the store room of a market at a moment."""
    devices = (Placed(market.device_kind, serial, "leased", model) for serial in serials)
    return stock_rows((Movement(placed, "received", moment.astimezone(market.zone)) for placed in devices), market)
