"""Temporary tables: what tells whether a page changes anything is loaded, and statements over sets read it.

They hold keys and hashes and no content, since most of what a page brings is known already. A temporary table lives
as long as its connection and is emptied before each use. PostgreSQL is loaded with COPY, SQLite with many rows a
statement; both are ten times faster than a statement a row.
"""

from collections.abc import Iterable
from functools import cache
from itertools import chain, islice
from typing import Any

from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    any_,
    delete,
    func,
)
from sqlalchemy.schema import CreateTable

_TEMPORARY = MetaData()

# nothing ever vacuums a temporary table of PostgreSQL: only the end of a transaction frees its dead rows
_TEMPORARILY: dict[str, Any] = {
    "prefixes": ["TEMPORARY"],
    "postgresql_on_commit": "DELETE ROWS",
    "sqlite_with_rowid": False,
}

_VALUES_A_STATEMENT = 30_000
"""SQLite binds up to 32,766. Each statement hands the interpreter's lock over and waits to have it again."""

LANDING_STAGE = Table(
    "stage_landing",
    _TEMPORARY,
    Column("landed_id", Text, primary_key=True),
    Column("change_order", BigInteger),
    Column("content_hash", Text, nullable=False),
    Column("fate", Text, nullable=False),  # accepted, rejected or deleted
    **_TEMPORARILY,
)
"""The raw records of a page."""

RECORD_STAGE = Table(
    "stage_record",
    _TEMPORARY,
    Column("source_id", Text, primary_key=True),
    Column("source_object", Text, primary_key=True),
    Column("content_hash", Text, nullable=False),
    **_TEMPORARILY,
)
"""The canonical records of a page that are of one entity; all of one system."""


def fill(connection: Connection, stage: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Make the temporary table if need be, empty it, and load rows given in the order of its columns."""
    connection.execute(CreateTable(stage, if_not_exists=True))
    connection.execute(delete(stage))
    load(connection, stage, rows)


def load(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows to a table, given in the order of its columns.

    Values are as the driver takes them: on SQLite days as ISO text and moments as microseconds.
    """
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, rows)
    else:
        _insert(connection, table, rows)


def among(dialect: str, column: ColumnElement[Any], staged: Select[Any]) -> ColumnElement[bool]:
    """Whether a column is among staged values, asked so that the database looks each of them up in an index."""
    if dialect == "postgresql":
        return column == any_(func.array(staged.scalar_subquery()))
    return column.in_(staged)


def _insert(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    remaining, most = iter(rows), _VALUES_A_STATEMENT // len(table.c)
    while chunk := list(islice(remaining, most)):
        connection.exec_driver_sql(_insert_of(table, len(chunk)), tuple(chain.from_iterable(chunk)))


@cache
def _insert_of(table: Table, rows: int) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    row = f"({', '.join('?' * len(table.c))})"
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([row] * rows)}"  # noqa: S608


def _copy_in(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was closed inside its transaction")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in table.c)
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
