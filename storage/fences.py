"""Writes under a fence: a number that grows with each lease, so that who holds an older one writes nothing."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, Update, bindparam, update

from canonical_model.errors import UnsafeToContinue


def written_under_fence(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    row_id: int,
    fence: int,
    values: Mapping[str, Any],
    computed: Mapping[str, ColumnElement[Any]] | None = None,
) -> Row[Any]:
    """Change a row that is held under a lease; gives its columns as they are then.

    Args:
        connection: of a transaction.
        table: that the row is of.
        columns: that are given back.
        row_id: of the row.
        fence: under which it is held.
        values: by column; further ones are those that a computed value names by ``bindparam``.
        computed: columns whose value the database works out; the same object each time.

    Raises:
        UnsafeToContinue: another process holds it by now; nothing is written.
    """
    worked_out = tuple((computed or {}).items())
    plain = tuple(sorted(name for name in values if name in table.c and name not in (computed or {})))
    statement = _statement(table, tuple(columns), plain, worked_out)
    given = {f"its_{name}": value for name, value in values.items()}
    row = connection.execute(statement, {**given, "held_id": row_id, "held_fence": fence}).one_or_none()
    if row is None:
        raise UnsafeToContinue(
            f"{table.name} {row_id}: another process has taken it over; it will find out what happened"
        )
    return row


@cache
def _statement(
    table: Table,
    columns: tuple[Column[Any], ...],
    plain: tuple[str, ...],
    computed: tuple[tuple[str, ColumnElement[Any]], ...],
) -> Update:
    """Built once for each set of columns: a statement costs more to put together than to run."""
    values = {name: bindparam(f"its_{name}", type_=table.c[name].type) for name in plain}
    held = (table.c.id == bindparam("held_id"), table.c.fence == bindparam("held_fence"))
    return update(table).values(**values, **dict(computed)).where(*held).returning(*columns)
