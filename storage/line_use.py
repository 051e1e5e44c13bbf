"""What is known of lines beside their reservations: devices that elements show, and services of ours that work."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from canonical_model.network import NetworkObservation
from storage.history import known
from storage.sagas import UNDER_WAY
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.sagas import SAGA


def seen_devices(
    connection: Connection, market: str, elements: Collection[str]
) -> list[tuple[str, str, str, datetime]]:
    """Element, port, operational state and moment of every device that elements show on a port."""
    table = CANONICAL_TABLES[NetworkObservation]
    query = select(table.c.element, table.c.port, table.c.operational_state, table.c.observed_at).where(
        known(table, None), table.c.market == market, table.c.element.in_(sorted(elements)), table.c.port.is_not(None)
    )
    return [tuple(row) for row in connection.execute(query)]


def working_since(connection: Connection, market: str) -> dict[str, datetime]:
    """By service, since when its activation is done."""
    query = select(SAGA.c.service_id, SAGA.c.changed_at).where(
        SAGA.c.market == market, SAGA.c.kind.in_(("activate", "take_on")), SAGA.c.state == "done"
    )
    return {row.service_id: row.changed_at for row in connection.execute(query)}


def orders_with_sagas(connection: Connection, market: str) -> dict[str, bool]:
    """By order, whether a saga of it is done or under way; an order without any saga is not there."""
    query = select(SAGA.c.order_number, SAGA.c.state).where(SAGA.c.market == market)
    found: dict[str, bool] = {}
    for row in connection.execute(query):
        found[row.order_number] = found.get(row.order_number, False) or row.state in (*UNDER_WAY, "done")
    return found


def services_with_orders(connection: Connection, market: str) -> dict[str, list[str]]:
    """By service that the hub has begun or is beginning, and has not ended: orders that said where, oldest first."""
    said_where = ("activate", "take_on", "move")
    query = (
        select(SAGA.c.service_id, SAGA.c.kind, SAGA.c.order_number)
        .where(
            SAGA.c.market == market, SAGA.c.kind.in_((*said_where, "cease")), SAGA.c.state.in_((*UNDER_WAY, "done"))
        )
        .order_by(SAGA.c.id)
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        if row.kind == "cease":
            found.pop(row.service_id, None)
        elif row.order_number is not None:
            found.setdefault(row.service_id, []).append(row.order_number)
    return found
