"""Column types and the metadata that every table of the hub's database belongs to."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Text,
    TextClause,
    literal_column,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from canonical_model.intervals import OPEN_END
from canonical_model.record_fields import Kind

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

STILL_KNOWN = datetime.combine(OPEN_END, time(), UTC)
"""``known_to`` of the version that is current: a moment and no NULL, so that it can end a unique key."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exact; how SQLite keeps a moment.

    Raises:
        TypeError: a moment without a time zone.
    """
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment that ``to_micros`` gave."""
    return _EPOCH + micros * _MICROSECOND


class UtcInstant(TypeDecorator[datetime]):
    """A moment that comes back aware and in UTC: ``timestamptz``, or integer microseconds in SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type that the dialect keeps moments in."""
        impl = BigInteger() if dialect.name == "sqlite" else TIMESTAMP(timezone=True)
        return dialect.type_descriptor(impl)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a moment without a zone; give the dialect its own form."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return to_micros(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        moment: datetime = from_micros(value) if dialect.name == "sqlite" else value
        return moment.astimezone(UTC)


AUTO_ID = BigInteger().with_variant(Integer, "sqlite")
"""A number the database counts up; SQLite does so for INTEGER only."""

COLUMN_TYPES: dict[Kind, TypeEngine[Any]] = {
    "text": Text(),
    "integer": BigInteger(),
    "boolean": Boolean(),
    "real": Double(),
    "day": Date(),
    "instant": UtcInstant(),
}


def is_one_of(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column has one of some words, written out so that a planner knows which partial index holds them.

    Args:
        column: of text.
        words: names of the code's own, without a quote.
    """
    return column.in_([literal_column(f"'{word}'") for word in words])


def unique_while(condition: TextClause, name: str, *columns: str) -> Index:
    """At most one row for these columns of which the condition holds, on both databases."""
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)
