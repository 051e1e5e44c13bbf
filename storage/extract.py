"""Read canonical records out of the database as Arrow record batches, as they were known at a moment.

Values go from the driver to Arrow by the column and never through SQLAlchemy's row processing. On PostgreSQL
they come as the text of COPY, which Arrow parses; both ways are exact. Rows come in no particular order.
"""

import io
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import BigInteger, Connection, Select, cast, extract, func, select

from canonical_model.entities import ENTITIES
from canonical_model.record import Record
from canonical_model.record_fields import Kind, fields_of
from storage.arrow_columns import ARROW, arrow_schema
from storage.history import known
from storage.schema.canonical import CANONICAL_TABLES, RECORD_KEY
from storage.schema.columns import STILL_KNOWN

BATCH_ROWS = 8_192
_KEY = tuple(sorted(RECORD_KEY))

_SQLITE: dict[Kind, pa.DataType] = {**ARROW, "boolean": pa.int64(), "day": pa.string(), "instant": pa.int64()}
_COPIED: dict[Kind, pa.DataType] = {**ARROW, "instant": pa.int64()}


def entity_batches(
    connection: Connection,
    entity: type[Record],
    market: str | None = None,
    known_at: datetime | None = None,
    since: datetime | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield the records of an entity; an entity without any yields nothing.

    Args:
        connection: of a reading transaction, so that all entities are of the same moment.
        entity: what to read.
        market: only this one; None for all.
        known_at: as it was known then; None for what is known now.
        since: only versions that began later than this moment; None for all.
    """
    if connection.dialect.name == "postgresql":
        return _from_postgresql(connection, entity, market, known_at, since)
    return _from_sqlite(connection, entity, market, known_at, since)


def ended_keys(
    connection: Connection,
    entity: type[Record],
    market: str,
    since: datetime,
    known_at: datetime | None = None,
    also: Collection[str] = (),
) -> pa.Table:
    """Keys of the records of which a version ended after a moment: they are gone or say something else since.

    Args:
        connection: of a reading transaction.
        entity: whose records.
        market: of these versions.
        since: the moment.
        known_at: the end that was known then; None for what is known now.
        also: further columns of text that are told of these versions.
    """
    told = tuple(dict.fromkeys((*_KEY, *also)))
    table = CANONICAL_TABLES[entity]
    ended = table.c.known_to < STILL_KNOWN if known_at is None else table.c.known_to <= known_at
    query = select(*(table.c[name] for name in told)).where(table.c.market == market, table.c.known_to > since, ended)
    rows = connection.execute(query.distinct()).all()
    columns = list(zip(*rows, strict=True)) or [()] * len(told)
    return pa.table([pa.array(values, pa.string()) for values in columns], names=list(told))


def row_counts(connection: Connection, market: str | None = None, known_at: datetime | None = None) -> dict[str, int]:
    """Number of records of each entity that ``entity_batches`` yields, by entity name."""
    counts = {}
    for name, entity in ENTITIES.items():
        query = _only(select(func.count()).select_from(CANONICAL_TABLES[entity]), entity, market, known_at)
        counts[name] = connection.execute(query).scalar_one()
    return counts


def _only(
    query: Select[Any],
    entity: type[Record],
    market: str | None,
    known_at: datetime | None,
    since: datetime | None = None,
) -> Select[Any]:
    table = CANONICAL_TABLES[entity]
    query = query.where(known(table, known_at))
    if since is not None:
        query = query.where(table.c.known_from > since)
    return query if market is None else query.where(table.c.market == market)


def _from_sqlite(
    connection: Connection,
    entity: type[Record],
    market: str | None,
    known_at: datetime | None,
    since: datetime | None,
) -> Iterator[pa.RecordBatch]:
    table, fields, schema = CANONICAL_TABLES[entity], fields_of(entity), arrow_schema(entity)
    query = _only(select(*(table.c[field.name] for field in fields)), entity, market, known_at, since)
    with connection.execute(query) as result:
        cursor = result.cursor
        while rows := cursor.fetchmany(BATCH_ROWS):
            columns = [
                pa.array(values, type=_SQLITE[field.kind])
                for values, field in zip(zip(*rows, strict=True), fields, strict=True)
            ]
            yield _as_declared(columns, schema)


def _from_postgresql(
    connection: Connection,
    entity: type[Record],
    market: str | None,
    known_at: datetime | None,
    since: datetime | None,
) -> Iterator[pa.RecordBatch]:
    table, fields, schema = CANONICAL_TABLES[entity], fields_of(entity), arrow_schema(entity)
    wanted = [
        cast(extract("epoch", table.c[field.name]) * 1_000_000, BigInteger)
        if field.kind == "instant"
        else table.c[field.name]
        for field in fields
    ]
    compiled = _only(select(*wanted), entity, market, known_at, since).compile(connection)
    options = csv.ConvertOptions(
        column_types={field.name: _COPIED[field.kind] for field in fields},
        null_values=[""],
        true_values=["t"],
        false_values=["f"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    read = csv.ReadOptions(column_names=schema.names, use_threads=False)
    parse = csv.ParseOptions(newlines_in_values=True)
    statement = f"COPY ({compiled}) TO STDOUT (FORMAT csv)"
    for block in _copied(connection, statement, compiled.params):
        lines = csv.read_csv(io.BytesIO(block), read_options=read, parse_options=parse, convert_options=options)
        columns = [column.combine_chunks() for column in lines.columns]
        yield _as_declared(columns, schema)


def _copied(connection: Connection, statement: str, parameters: Any) -> Iterator[bytes]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the connection is not one of psycopg")
    with driver.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        # the server sends one message for each row, so that a block ends where a row ends
        rows: list[Any] = []
        for row in copy:
            rows.append(row)
            if len(rows) == BATCH_ROWS:
                yield b"".join(rows)
                rows = []
        if rows:
            yield b"".join(rows)


def _as_declared(columns: list[Any], schema: pa.Schema) -> pa.RecordBatch:
    cast_columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(cast_columns, schema=schema)
