"""What migrations that add entities share: tables of records with their history, and the view that follows them.

A migration states its columns and identifiers in full, so that it stays what it was; how a table is made of them
never changes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")

Identifiers = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Identifiers by which records of different systems are followed: entity, table, columns."""

_TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "integer": sa.BigInteger(),
    "boolean": sa.Boolean(),
    "real": sa.Double(),
    "day": sa.Date(),
    "instant": INSTANT,
}
_KEY = ["source_id", "source_object", "source_system"]
_BEFORE = "market text, source_system text, source_object text, source_id text"
_AFTER = "stream text, landed_id text, content_hash text, known_from instant, known_to instant"


def create_record_tables(records: Mapping[str, str]) -> None:
    """Create a table for each entity, of columns as ``name type``; a question mark where a value may be missing."""
    for table, columns in records.items():
        op.create_table(
            table,
            *_columns(f"{_BEFORE}, {columns}, {_AFTER}"),
            sa.PrimaryKeyConstraint(*_KEY, "known_to", name=f"pk_{table}"),
            sa.CheckConstraint("known_to > known_from", name=op.f(f"ck_{table}_known_for_some_time")),
        )
        op.create_index(f"ix_{table}_landed", table, ["landed_id", "stream", "source_system", "known_to"])


def drop_record_tables(records: Mapping[str, str]) -> None:
    """Drop what ``create_record_tables`` made."""
    for table in reversed(list(records)):
        op.drop_table(table)


def create_cross_reference(identifiers: Identifiers, without: Mapping[str, str] | None = None) -> None:
    """Create the view over all identifiers, less those of some tables."""
    kept = tuple(each for each in identifiers if each[1] not in (without or {}))
    op.execute("CREATE VIEW cross_reference AS " + " UNION ALL ".join(_arms(kept)))


def drop_cross_reference() -> None:
    """Drop the view, which stands in the way of its tables."""
    op.execute("DROP VIEW cross_reference")


def _columns(described: str) -> Iterator[sa.Column[Any]]:
    for each in described.split(", "):
        name, kind = each.split(" ")
        yield sa.Column(name, _TYPES[kind.rstrip("?")], nullable=kind.endswith("?"))


def _arms(identifiers_of: Identifiers) -> Iterator[str]:
    for entity, table, identifiers in identifiers_of:
        for identifier in identifiers:
            yield (
                f"SELECT '{identifier}' AS kind, {identifier} AS value, '{entity}' AS entity, market, "
                f"source_system, source_object, source_id, known_from, known_to FROM {table}"
            )
