"""Follow an identifier through all systems."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from canonical_model.record import SourceReference
from storage.history import known
from storage.schema.cross_reference import CROSS_REFERENCE


@dataclass(frozen=True, slots=True)
class CrossReference:
    """A record that speaks of an identifier.

    Attributes:
        kind: which identifier, by the name of its field: ``account_number``, ``order_number``, ``serial``.
        value: in the compared form of ``canonical_model.identifiers``.
    """

    kind: str
    value: str
    entity: str
    market: str
    source: SourceReference


def cross_references(
    connection: Connection, kind: str, value: str, known_at: datetime | None = None
) -> list[CrossReference]:
    """Every record that speaks of an identifier, by entity and source, as it was known at a moment or now."""
    view = CROSS_REFERENCE
    query = (
        select(view)
        .where(view.c.kind == kind, view.c.value == value, known(view, known_at))
        .order_by(view.c.entity, view.c.source_system, view.c.source_object, view.c.source_id)
    )
    return [
        CrossReference(
            row.kind,
            row.value,
            row.entity,
            row.market,
            SourceReference(row.source_system, row.source_object, row.source_id),
        )
        for row in connection.execute(query)
    ]
