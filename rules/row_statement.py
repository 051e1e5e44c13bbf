"""A statement over one row of values, in DuckDB: planned once and asked of many rows.

A statement whose values are parameters of the client is planned again each time it runs, which takes longer than to
run it. One that was prepared by name is not, as long as its values come in their own types; so they are written out.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import duckdb

from rules.types import EngineValue, Schema, duckdb_type

_NUMBERS = count(1)


class RowStatement:
    """Gives what some expressions yield for a value of each column.

    Args:
        engine: a connection whose time zone is UTC; only the thread that uses it may ask.
        asked: expressions over the columns, as SQL.
        schema: columns of the row.

    Raises:
        duckdb.Error: an expression is none.
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, asked: str, schema: Schema) -> None:
        self._engine = engine
        self._name = f"row_statement_{next(_NUMBERS)}"
        self._types = [duckdb_type(kind) for kind in schema.values()]
        names = ('"' + name.replace('"', '""') + '"' for name in schema)
        columns = ", ".join(f"CAST(? AS {kind}) AS {name}" for kind, name in zip(self._types, names, strict=True))
        engine.execute(f"PREPARE {self._name} AS SELECT {asked} FROM (SELECT {columns})")

    def ask(self, values: Sequence[EngineValue]) -> tuple[Any, ...]:
        """The row that the expressions yield.

        Args:
            values: in the order of the schema, None where one is missing.

        Raises:
            duckdb.Error: an expression fails on them.
        """
        given = ", ".join(_written(value, kind) for value, kind in zip(values, self._types, strict=True))
        (row,) = self._engine.execute(f"EXECUTE {self._name}({given})").fetchall()
        found: tuple[Any, ...] = row
        return found

    def close(self) -> None:
        """Let the engine forget it."""
        self._engine.execute(f"DEALLOCATE {self._name}")


def _written(value: EngineValue, kind: str) -> str:
    """A value as SQL of exactly that type."""
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, bool | int):  # a bool is one of them
        return f"CAST({value} AS {kind})"
    if isinstance(value, float):
        return f"CAST(CAST('{value!r}' AS DOUBLE) AS {kind})"
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return f"CAST('{moment.isoformat(' ')}+00' AS {kind})"
    if isinstance(value, date):
        return f"CAST('{value.isoformat()}' AS {kind})"
    # SQL ends at a character of number nought, a value does not
    text = value.replace("'", "''").replace("\0", "' || chr(0) || '")
    return f"CAST('{text}' AS {kind})"
