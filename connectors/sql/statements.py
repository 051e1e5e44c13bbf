"""The statements of a pull, built with SQLAlchemy so that each kind of database gets its own spelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.types import NullType

DELETED = "splice_deleted"
"""Last column of a pull with soft deletions: 1 on rows that count as deleted."""

FIRST_DAY = "0001-01-01"
"""What lies before is MariaDB's 0000-00-00, which stands for no date."""

MOST_PARAMETERS = 1000
"""Values in one statement: SQL Server takes 2,100 of them, Oracle 1,000 in one list."""
_MOST_PARENTS = 500

Stage = Literal["nameless", "undated", "dated"]
"""Rows without a key, which a mapping rejects; rows without a cursor value; all others, in order of the cursor."""

_NULL = NullType()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of what are read, in which order.

    Attributes:
        source: a table, a view, or a query as a derived table.
        columns: those that are read.
        key: columns that identify a row.
        cursor: column that grows with each change; None for a pull by key.
        deleted: what holds of rows that count as deleted; None where deletions do not show.
        compares_rows: whether ``(a, b) >= (x, y)`` uses an index.
        has_zero_dates: whether the cursor may be 0000-00-00.
    """

    source: Any
    columns: tuple[str, ...]
    key: tuple[str, ...]
    cursor: str | None
    deleted: ColumnElement[bool] | None
    compares_rows: bool
    has_zero_dates: bool

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that rows are ordered by in stage ``dated``."""
        return (*([self.cursor] if self.cursor else []), *self.key)


def named_source(name: str, schema: str | None) -> FromClause:
    """A table or view, by its name with or without schema."""
    before, _, last = name.rpartition(".")
    return table(last, schema=before or schema)


def query_source(query: str) -> Any:
    """A query as a derived table; the line break ends a comment that may stand last."""
    escaped = query.replace("\\", "\\\\").replace(":", "\\:") if ":" in query else query
    return text(f"(\n{escaped}\n) splice_rows")


def is_deleted(name: str, values: Sequence[Any] | None) -> ColumnElement[bool]:
    """What holds of deleted rows: a column has one of some values, or any at all."""
    if values is None:
        return column(name).is_not(None)
    return column(name).in_([bindparam(None, value, _NULL, unique=True) for value in values])


def description_of(source: Any) -> Select[Any]:
    """A statement whose answer has no rows, only columns."""
    return select(literal_column("*")).select_from(source).where(literal_column("1") == literal_column("0"))


def rows_of(wanted: Wanted, stage: Stage, since: Any, position: Sequence[Any] | None, limit: int) -> Select[Any]:
    """The statement for rows of a stage from a position on, the row at the position included.

    Args:
        wanted: what is read.
        stage: which of the rows.
        since: the earliest cursor value wanted; None for all.
        position: values of the stage's order in the last row that was read; None for the first statement.
        limit: rows wanted at most.
    """
    names: list[ColumnElement[Any]] = [column(name) for name in wanted.columns]
    if wanted.deleted is not None:
        names.append(_flag(wanted).label(DELETED))
    statement = select(*names).select_from(wanted.source).limit(limit)
    if stage == "nameless":
        return statement.where(or_(*(column(name).is_(None) for name in wanted.key)))
    statement = statement.where(*(column(name).is_not(None) for name in wanted.key))
    order = wanted.key
    if wanted.cursor is not None and stage == "undated":
        statement = statement.where(_is_undated(wanted, wanted.cursor))
    elif wanted.cursor is not None:
        order = wanted.order
        dated = column(wanted.cursor).is_not(None) if since is None else column(wanted.cursor) >= _bound(since)
        statement = statement.where(dated)
        if wanted.has_zero_dates and since is None:
            statement = statement.where(column(wanted.cursor) >= _bound(FIRST_DAY))
    if position is not None:
        statement = statement.where(_from(order, position, compares_rows=wanted.compares_rows))
    return statement.order_by(*(column(name) for name in order))


def counts_of(wanted: Wanted) -> Select[Any]:
    """The statement for: all rows, deleted ones, those with a cursor value, those with each key column."""
    dated: ColumnElement[Any] = literal_column("0")
    if wanted.cursor is not None:
        dated = func.sum(case((_is_undated(wanted, wanted.cursor), 0), else_=1))
    keys = (func.count(column(name)) for name in wanted.key)
    return select(func.count(), func.sum(_flag(wanted)), dated, *keys).select_from(wanted.source)


def parents_a_statement(columns: int) -> int:
    """Parents whose elements are asked for in one statement, by the number of their key's columns."""
    return max(1, min(_MOST_PARENTS, MOST_PARAMETERS // columns))


def elements_of(
    source: Any, parent: Sequence[str], keys: Sequence[tuple[Any, ...]], order: Sequence[str], *, compares_rows: bool
) -> Select[Any]:
    """The statement for the rows of a child table that belong to some parents."""
    statement: Select[Any] = select(literal_column("*")).select_from(source)
    if len(parent) == 1:
        among: ColumnElement[bool] = column(parent[0]).in_([_bound(key[0]) for key in keys])
    elif compares_rows:
        pairs = tuple_(*map(column, parent), types=[_NULL] * len(parent))
        among = pairs.in_([tuple(key) for key in keys])
    else:
        among = or_(
            *(and_(*(column(name) == _bound(value) for name, value in zip(parent, key, strict=True))) for key in keys)
        )
    return statement.where(among).order_by(*(column(name) for name in (*parent, *order)))


def _flag(wanted: Wanted) -> ColumnElement[int]:
    zero: ColumnElement[int] = literal_column("0")
    return zero if wanted.deleted is None else case((wanted.deleted, literal_column("1")), else_=zero)


def _is_undated(wanted: Wanted, cursor: str) -> ColumnElement[bool]:
    missing = column(cursor).is_(None)
    return or_(missing, column(cursor) < _bound(FIRST_DAY)) if wanted.has_zero_dates else missing


def _from(order: Sequence[str], position: Sequence[Any], *, compares_rows: bool) -> ColumnElement[bool]:
    """Rows at a position and behind it, in the order of some columns."""
    if len(order) == 1:
        return column(order[0]) >= _bound(position[0])
    if compares_rows:
        types = [_NULL] * len(order)
        return tuple_(*map(column, order), types=types) >= tuple_(*map(_bound, position), types=types)
    behind: ColumnElement[bool] = column(order[-1]) >= _bound(position[-1])
    for name, value in zip(reversed(order[:-1]), reversed(position[:-1]), strict=True):
        behind = or_(column(name) > _bound(value), and_(column(name) == _bound(value), behind))
    # says the same again, so that an index over the first column narrows the rows
    return and_(column(order[0]) >= _bound(position[0]), behind)


def _bound(value: Any) -> ColumnElement[Any]:
    return bindparam(None, value, _NULL, unique=True)
