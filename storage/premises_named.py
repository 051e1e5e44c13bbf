"""Which premise a record means by an id: two systems may each have given the same one to a house of their own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from canonical_model.places import Premise
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a premise; None where its system does not tell."""

    hub: str | None = None
    terminal: str | None = None
    address: str | None = None
    town: str | None = None


NOWHERE = Place()


@dataclass(slots=True)
class PremisesNamed:
    """Premises of one market by the id that other records name."""

    _by_id: dict[str, dict[str, set[Place]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def add(self, system: str, premise_id: str, place: Place) -> None:
        """Let it be known that a system has a premise of that id."""
        self._by_id[premise_id][system].add(place)

    def of(self, system: str, premise_id: str | None) -> Place:
        """The premise that a record of a system means: its own system's before that of another.

        Where several are left that tell otherwise, nobody knows which one is meant, and it is nowhere.
        """
        if premise_id is None or premise_id not in self._by_id:
            return NOWHERE
        by_system = self._by_id[premise_id]
        meant = by_system[system] if system in by_system else set().union(*by_system.values())
        return next(iter(meant)) if len(meant) == 1 else NOWHERE


def premises_named(connection: Connection, market: str, among: Select[tuple[str]]) -> PremisesNamed:
    """The premises of a market whose ids a query gives.

    Args:
        connection: of a transaction.
        market: of the premises.
        among: one column of ids.
    """
    table = CANONICAL_TABLES[Premise]
    columns: Sequence[ColumnElement[str | None]] = (table.c.hub, table.c.terminal, table.c.address, table.c.city)
    query = select(table.c.source_system, table.c.source_id, *columns).where(
        known(table, None), table.c.market == market, table.c.source_id.in_(among)
    )
    found = PremisesNamed()
    for system, premise_id, *place in connection.execute(query):
        found.add(system, premise_id, Place(*place))
    return found


def first_told(order: Table) -> tuple[ColumnElement[Any], ...]:
    """How to sort orders where several systems know the same one: the first that knows a premise tells.

    Args:
        order: the table of orders.
    """
    return order.c.premise_id.is_(None), order.c.source_system, order.c.source_object, order.c.source_id
