"""Writes under a fence: a number that grows with each lease, so that who holds an older one writes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, update

from canonical_model.errors import UnsafeToContinue


def written_under_fence(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    row_id: int,
    fence: int,
    values: Mapping[str, Any],
) -> Row[Any]:
    """Change a row that is held under a lease; gives its columns as they are then.

    Raises:
        UnsafeToContinue: another process holds it by now; what this one learned is not written.
    """
    statement = update(table).values(**values).where(table.c.id == row_id, table.c.fence == fence)
    row = connection.execute(statement.returning(*columns)).one_or_none()
    if row is None:
        raise UnsafeToContinue(
            f"{table.name} {row_id}: another process has taken it over; it will find out what happened"
        )
    return row
