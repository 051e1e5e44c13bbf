"""Temporary tables: a page is loaded into them in bulk, and the set-based statements read from them.

A temporary table lives as long as its connection and is emptied before each use. PostgreSQL is loaded with
COPY, SQLite with many rows a statement; both are ten times faster than a statement a row.
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
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    any_,
    delete,
    func,
)
from sqlalchemy.schema import CreateTable

from canonical_model.record import Record
from storage.schema.canonical import CANONICAL_TABLES, RECORD_KEY
from storage.schema.kinds import fields_of

_TEMPORARY = MetaData()

# nothing ever vacuums a temporary table of PostgreSQL: only the end of a transaction frees its dead rows
_TEMPORARILY: dict[str, Any] = {"prefixes": ["TEMPORARY"], "postgresql_on_commit": "DELETE ROWS"}

_ROWS_A_STATEMENT = 100
"""SQLite binds up to 32,766 values a statement."""

LANDING_STAGE = Table(
    "stage_landing",
    _TEMPORARY,
    Column("landed_id", Text, primary_key=True),
    Column("payload", Text, nullable=False),
    Column("change_order", BigInteger),
    Column("content_hash", Text, nullable=False),
    Column("fate", Text, nullable=False),  # accepted, rejected or deleted
    **_TEMPORARILY,
)


@cache
def stage_of(entity: type[Record]) -> Table:
    """The temporary table of an entity: its fields, the raw record and the hash."""
    table = CANONICAL_TABLES[entity]
    return Table(
        f"stage_{table.name}",
        _TEMPORARY,
        *(Column(field.name, table.c[field.name].type) for field in fields_of(entity)),
        Column("landed_id", Text, nullable=False),
        Column("content_hash", Text, nullable=False),
        PrimaryKeyConstraint(*RECORD_KEY),
        **_TEMPORARILY,
    )


def fill(connection: Connection, stage: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Make the temporary table if need be, empty it, and load rows given in the order of its columns.

    Values are as the driver takes them: on SQLite days as ISO text and moments as microseconds.
    """
    connection.execute(CreateTable(stage, if_not_exists=True))
    connection.execute(delete(stage))
    if connection.dialect.name == "postgresql":
        _copy_in(connection, stage, rows)
    else:
        _insert(connection, stage, rows)


def among(dialect: str, column: ColumnElement[Any], staged: Select[Any]) -> ColumnElement[bool]:
    """Whether a column is among staged values, asked so that the database looks each of them up in an index."""
    if dialect == "postgresql":
        return column == any_(func.array(staged.scalar_subquery()))
    return column.in_(staged)


def _insert(connection: Connection, stage: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_A_STATEMENT)):
        connection.exec_driver_sql(_insert_of(stage, len(chunk)), tuple(chain.from_iterable(chunk)))


@cache
def _insert_of(stage: Table, rows: int) -> str:
    row = f"({', '.join('?' * len(stage.c))})"
    return f"INSERT INTO {stage.name} VALUES {', '.join([row] * rows)}"  # noqa: S608


def _copy_in(connection: Connection, stage: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was closed inside its transaction")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(stage.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in stage.c)
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
