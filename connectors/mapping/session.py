"""The DuckDB session in which a mapping is evaluated: in memory, one thread, reaching nothing outside."""

import duckdb

MEMORY_LIMIT = "512MB"

_SETTINGS = (
    "SET threads = 1",
    f"SET memory_limit = '{MEMORY_LIMIT}'",
    "SET temp_directory = ''",
    "SET TimeZone = 'UTC'",
    # a statement of a mapping has nothing to reorder, and planning it took a tenth of the time of a page of 5,000
    "PRAGMA disable_optimizer",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def open_session() -> duckdb.DuckDBPyConnection:
    """A connection that can compute over what is handed to it, and nothing else."""
    connection = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        connection.execute(setting)
    return connection


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
