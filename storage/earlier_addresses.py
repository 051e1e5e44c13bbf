"""Where customers lived before, as far as their systems said so."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, select

from canonical_model.customers import Customer
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN

Place = tuple[str | None, str | None]
"""Address and unit."""


def earlier_addresses(connection: Connection) -> Mapping[str, list[Place]]:
    """By name of the customer's record every address and unit that is known no longer, without the present one."""
    table = CANONICAL_TABLES[Customer]
    columns = (table.c.source_system, table.c.source_object, table.c.source_id, table.c.address, table.c.unit)
    is_past = (table.c.known_to != STILL_KNOWN) & table.c.address.is_not(None)
    query = select(*columns).where(is_past).distinct().order_by(*columns)
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for system, kind, number, address, unit in connection.execute(query):
        found[f"{system}/{kind}/{number}"].append((address, unit))
    return found
