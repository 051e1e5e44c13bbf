"""DuckDB instances that several pieces of work share, each with a database of its own in it.

To make an instance takes 14 ms of CPU, a database in one a single millisecond. That is nothing to a run over
everything, and a tenth of a run over what changed, which has thirty such pieces.
"""

import atexit
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import duckdb

_NUMBERS = count(1)
_PARSED: dict[str, list[duckdb.Statement]] = {}
atexit.register(_PARSED.clear)  # what outlives the interpreter is reported by DuckDB's bindings as a leak


@cache
def _reader() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    atexit.register(_let_go)
    return connection


def _let_go() -> None:
    _reader().close()
    _reader.cache_clear()


@contextmanager
def reading() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to ask files with; what it creates has to be ``TEMP``, and is gone with it."""
    with _reader().cursor() as connection:
        yield connection


@contextmanager
def small_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database for a few rows."""
    with database_in(_reader()) as connection:
        yield connection


@contextmanager
def instance(
    threads: int, memory_limit_mb: int, spill: Path, spill_limit_mb: int, keeps_order: bool = True
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB instance with its bounds.

    Args:
        threads: that it may use.
        memory_limit_mb: what it may hold.
        spill: folder that it may write to where its memory does not do.
        spill_limit_mb: how much.
        keeps_order: rows that are not sorted come in the order in which they went in.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET memory_limit = '{memory_limit_mb}MB'")
        connection.execute(f"SET preserve_insertion_order = {keeps_order}")
        connection.execute("SET temp_directory = ?", [str(spill)])
        connection.execute(f"SET max_temp_directory_size = '{spill_limit_mb}MB'")
        yield connection


@contextmanager
def database_in(shared: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, with a connection that knows nothing of the others in its instance."""
    name = f"own_{next(_NUMBERS)}"
    shared.execute(f"ATTACH ':memory:' AS {name}")
    try:
        with shared.cursor() as connection:
            connection.execute(f"USE {name}")
            yield connection
    finally:
        shared.execute(f"DETACH {name}")


def run_script(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Run the statements of a script that ships with Splice; a process parses it once."""
    statements = _PARSED.get(sql)
    if statements is None:
        statements = _PARSED[sql] = connection.extract_statements(sql)
    for statement in statements:
        connection.execute(statement)


def create_small_table(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Create a table and fill it with rows that are held in memory, a column at a time.

    Args:
        connection: of its database.
        table: its name.
        columns: its columns with their types.
        rows: in that order.
    """
    connection.execute(f"CREATE TABLE {table} ({columns})")
    if rows:
        places = ", ".join("unnest(?)" for _ in rows[0])
        connection.execute(
            f"INSERT INTO {table} SELECT {places}", [list(column) for column in zip(*rows, strict=True)]
        )
