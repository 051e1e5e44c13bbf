"""What is known of lines beside their reservations: devices that elements show, and services of ours that work."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from canonical_model.network import NetworkObservation
from storage.history import known
from storage.sagas import UNDER_WAY
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.sagas import SAGA

_MOST_VALUES = 500
"""In one statement."""


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
    """By order, whether a saga of it is done or under way; an order without any saga is not there.

    One that adopts a line carries out no order.
    """
    query = select(SAGA.c.order_number, SAGA.c.state).where(SAGA.c.market == market, SAGA.c.kind != "adopt")
    found: dict[str, bool] = {}
    for row in connection.execute(query):
        found[row.order_number] = found.get(row.order_number, False) or row.state in (*UNDER_WAY, "done")
    return found


@dataclass(frozen=True, slots=True)
class LastSaga:
    """The last saga of a service; one that was done counts before one that was brought back.

    Attributes:
        id: of the saga.
        reason: what was said of it last.
        serials: of the terminals that it is about: the one that it has or expects, and the one before.
    """

    id: int
    kind: str
    state: str
    reason: str
    serials: frozenset[str]

    @property
    def stands(self) -> bool:
        """Whether the service is the hub's, or is to be."""
        return self.state != "undone" and (self.kind, self.state) != ("cease", "done")

    @property
    def is_known(self) -> bool:
        """Whether it is the hub's: until it is adopted, it is legacy's."""
        return self.stands and (self.kind != "adopt" or self.state == "done")


def last_saga_of_services(connection: Connection, market: str) -> dict[str, LastSaga]:
    """By service of a market, its last saga."""
    columns = (SAGA.c.id, SAGA.c.service_id, SAGA.c.kind, SAGA.c.state, SAGA.c.reason, SAGA.c.facts)
    last: dict[str, Row[Any]] = {}
    for row in connection.execute(select(*columns).where(SAGA.c.market == market).order_by(SAGA.c.id)):
        before = last.get(row.service_id)
        if row.state != "undone" or before is None or before.state == "undone":
            last[row.service_id] = row
    return {
        service: LastSaga(row.id, row.kind, row.state, row.reason, _serials(row.facts))
        for service, row in last.items()
    }


def _serials(facts: str) -> frozenset[str]:
    """The terminals of stored facts, read past their model: of a whole market that would take minutes."""
    held = json.loads(facts)
    lines = (held.get("line"), held.get("previous_line"))
    return frozenset(filter(None, (held.get("expected_serial"), *(each and each.get("serial") for each in lines))))


@dataclass(slots=True)
class BroughtService:
    """A service that the hub has brought to life, or is bringing.

    Attributes:
        orders: that said where it is to be, oldest first.
        is_ended: it has ended since.
    """

    orders: list[str] = field(default_factory=list)
    is_ended: bool = False


def services_brought(
    connection: Connection, market: str, order_numbers: Collection[str]
) -> dict[str, BroughtService]:
    """By its id, every service that the hub has brought to life for some orders of a market, or is bringing."""
    said_where = ("activate", "take_on", "adopt", "move")
    sought, rows = sorted(order_numbers), list[Row[Any]]()
    for start in range(0, len(sought), _MOST_VALUES):
        query = select(SAGA.c.id, SAGA.c.service_id, SAGA.c.kind, SAGA.c.state, SAGA.c.order_number).where(
            SAGA.c.market == market,
            SAGA.c.order_number.in_(sought[start : start + _MOST_VALUES]),
            SAGA.c.kind.in_((*said_where, "cease")),
            SAGA.c.state.in_((*UNDER_WAY, "done")),
        )
        rows += connection.execute(query)
    found: dict[str, BroughtService] = {}
    for row in sorted(rows, key=lambda each: int(each.id)):
        if row.kind == "adopt" and row.state != "done":
            continue  # until then it is legacy's
        service = found.setdefault(row.service_id, BroughtService())
        if row.kind in said_where:
            service.orders.append(row.order_number)
        service.is_ended = row.kind == "cease" and row.state == "done"
    return {name: service for name, service in found.items() if service.orders}
