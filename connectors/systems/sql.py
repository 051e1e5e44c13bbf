"""SQL: tables, views and queries of a database, read-only, row after row in the order of cursor and key.

The mapping's ``source_object`` is a table or view, with its schema if it needs one; with the option ``query`` it is
only what the query is called. Nothing else than SELECT is ever sent, in sessions that cannot write.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.importing import IMPORTING
from connectors.ports import (
    Capabilities,
    Looks,
    Observer,
    Option,
    Page,
    ResumePoint,
    Source,
    StreamRead,
    SystemSettings,
)
from connectors.probing import Probe
from connectors.settings import CA_BUNDLE, CHILDREN_TOUCH_PARENT, SWEEP_HOURS, checked, stream_options

if TYPE_CHECKING:
    from connectors.sql.database import Database

CAPABILITIES = Capabilities(
    kind="sql",
    protocol="SQL: PostgreSQL, MariaDB, SQLite; MySQL as MariaDB; SQL Server, Oracle and others through SQLAlchemy, "
    "their statements compiled in tests and never run",
    logins=("password", "none"),
    incremental=True,
    deletes="soft",
    total=True,
    system_options=(
        Option("login", "password (default; the user stands in the address), or none (default of sqlite)"),
        Option("password", "for login password", secret=True),
        Option("statement_timeout_s", "seconds that one statement may take (default: timeout_s of the block)"),
        Option("ssl_mode", "disable, require (default beyond this machine), verify-ca or verify-full"),
        CA_BUNDLE,
        Option("encoding", "of text, where the database does not tell it right (sqlite, postgresql)"),
        Option("read_only_login", "true: the login may only read; asked for where a session cannot be read-only"),
    ),
    stream_options=(
        Option("schema", "schema of tables that are named without one"),
        Option("query", "a SELECT that is read instead of a table"),
        Option("total", "false counts no rows: for tables so big that counting takes too long"),
        Option("deleted_column", "column that tells which rows are deleted"),
        Option("deleted_values", "its values that say so; without them any value does, as in deleted_at"),
        Option(
            "lists", "nested lists, name: {object or query, parent: [columns that hold the key], order: [columns]}"
        ),
        CHILDREN_TOUCH_PARENT,
        SWEEP_HOURS,
        Option(
            "json_columns", "columns of text that hold JSON (those of type JSON are known on PostgreSQL and MySQL)"
        ),
        Option("binary", "hex (default) or base64, for octets"),
        Option("zone", "time zone of date-times that bear none, as America/Denver; without it they stay as they are"),
        Option("zero_dates", "text (default) or null: what 0000-00-00 of MariaDB becomes"),
        Option("number_overlap", "how far a pull reaches back behind a cursor that is a number (default 0)"),
        Option("rows_per_statement", "rows that one statement reads at most"),
    ),
    looks=Looks(
        options=(
            Option("schema", "schema of tables that are named without one"),
            Option("query", "a SELECT that is looked at instead of a table"),
            Option("newest", "column by which the latest of several rows under one key is taken"),
        ),
        key="fields",
    ),
)


def open_source(settings: SystemSettings) -> Source:
    """A source over a database; the connection comes with the first page.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the driver is not installed.
    """
    return SqlSource(settings, _database(settings))


def open_observer(settings: SystemSettings) -> Observer:
    """Look at single rows of a database; the connection comes with the first look.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the driver is not installed.
    """
    with IMPORTING:
        from connectors.sql.observer import SqlObserver  # noqa: PLC0415 - brings SQLAlchemy

    return SqlObserver(settings.name, _database(settings))


def open_probe(settings: SystemSettings) -> Probe:
    """Look around in a database; the connection comes with the first question.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the driver is not installed.
    """
    with IMPORTING:
        from connectors.sql.probe import SqlProbe  # noqa: PLC0415 - brings SQLAlchemy

    return SqlProbe(open_source(settings), _database(settings))


def _database(settings: SystemSettings) -> "Database":
    with IMPORTING:
        from connectors.sql.access import access_of  # noqa: PLC0415 - brings SQLAlchemy
        from connectors.sql.database import Database  # noqa: PLC0415 - as above
        from connectors.sql.dialect import dialect_of  # noqa: PLC0415 - as above

    access = access_of(checked(settings, CAPABILITIES))
    return Database(access, dialect_of(access))


class SqlSource:
    """Reads one database."""

    def __init__(self, settings: SystemSettings, database: "Database") -> None:
        self._settings = settings
        self._database = database

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages; see ``connectors.ports.Source``."""
        with IMPORTING:
            from connectors.sql.plan import plan_of  # noqa: PLC0415 - brings SQLAlchemy
            from connectors.sql.sweep import swept_pages  # noqa: PLC0415 - as above

        plan = plan_of(read, stream_options(self._settings, read, CAPABILITIES), self._database.dialect)
        with self._database.session(read.source_object) as session:
            yield from swept_pages(session, read, plan, resume)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
