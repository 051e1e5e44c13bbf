"""Histories: rows that are only ever added, each numbered behind the last one of its owner."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Select, Table, bindparam, func, insert, select, union_all

_MOST_AT_ONCE = 4
"""Rows in one statement: as many as mostly come together."""


def append_rows(connection: Connection, table: Table, owner: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows in their order, each behind the last one of its owner; the caller holds the owners' rows.

    Args:
        connection: of a writing transaction.
        table: with a column ``number`` that counts the rows of an owner from 1.
        owner: name of the column that tells whose a row is.
        rows: all of the same columns, the owner's among them and ``number`` not.
    """
    for start in range(0, len(rows), _MOST_AT_ONCE):
        together = rows[start : start + _MOST_AT_ONCE]
        before = Counter[Any]()
        given: dict[str, Any] = {}
        for place, row in enumerate(together):
            before[row[owner]] += 1
            given[f"ahead_{place}"] = before[row[owner]]
            given |= {f"{name}_{place}": value for name, value in row.items()}
        connection.execute(_appended(table, owner, tuple(together[0]), len(together)), given)


@cache
def _appended(table: Table, owner: str, names: tuple[str, ...], count: int) -> Insert:
    """Built once: a statement costs more to put together than to run; rows by VALUES would be put together anew."""
    rows = [_row(table, owner, names, place) for place in range(count)]
    return insert(table).from_select([*names, "number"], union_all(*rows) if count > 1 else rows[0])


def _row(table: Table, owner: str, names: tuple[str, ...], place: int) -> Select[Any]:
    given = {name: bindparam(f"{name}_{place}", type_=table.c[name].type) for name in names}
    number = func.coalesce(func.max(table.c.number), 0) + bindparam(f"ahead_{place}", type_=table.c.number.type)
    return select(*given.values(), number).where(table.c[owner] == given[owner])
