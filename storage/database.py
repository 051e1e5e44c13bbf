"""Open the hub's own database: a SQLite file, or PostgreSQL through psycopg.

SQLite runs in WAL mode: readers see the state at their begin while one writer writes. A writing transaction
starts with BEGIN IMMEDIATE, so that it waits for its turn before it reads and never fails half-way for a
lock. On PostgreSQL a reading transaction is REPEATABLE READ, so that everything it reads is of one moment.

What is written is safe from a process that dies. What must also outlive a power cut, because the outside world is
touched next or would not tell us again, goes through ``journaling``.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Error as DriverError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from canonical_model.errors import ConfigurationError
from storage.faults import driver_faults
from storage.plain_cursor import PlainCursor

_BEGIN = "splice_begin"
_SYNCHRONOUS = "splice_synchronous"
_USED_AT = "splice_used_at"
_CONNECT_TIMEOUT_S = 10
_PREPARED_AFTER = 5
"""A statement that was executed so often on a connection is read by the server once; it is planned each time."""
_SETTINGS = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_custom_plan"
"""A plan that was made while a table was empty would be kept for the table when it is full."""
_ASKED_AFTER_S = 1.0
"""A connection that was not used for so long is asked whether it still stands before it is used."""
_WRITES = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_READS = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_JOURNALS = (
    f"{_WRITES}; "
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
)


@dataclass(frozen=True, slots=True)
class Database:
    """An open database; give transactions out, close it at the end.

    Attributes:
        name: the address without its password, for messages and logs.
        engine: for migrations; everything else uses ``reading`` and ``writing``.
    """

    name: str
    engine: Engine
    _writer: Engine = field(repr=False)
    _reader: Engine = field(repr=False)
    _journal: Engine = field(repr=False)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that writes: committed at the end of the block, undone when the block raises.

        Raises:
            RetryableError: the database is locked, full or out of reach; nothing was written.
            ConfigurationError: login, database name or file are wrong.
        """
        with driver_faults(self.name), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def journaling(self) -> Iterator[Connection]:
        """One transaction that writes, and lies on the disk when the block has ended, as does what came before.

        For what is about to be done outside of the hub. What is written by ``writing`` may be lost with the machine's
        power, the last of it and never a part of a transaction; both databases keep one log, in the order of commits.

        Raises:
            RetryableError, ConfigurationError: as ``writing``.
        """
        with driver_faults(self.name), self._journal.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that reads the state of one moment.

        Raises:
            RetryableError: the database is locked or out of reach.
            ConfigurationError: login, database name or file are wrong.
        """
        with driver_faults(self.name), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection; calling it twice is harmless."""
        self.engine.dispose()


def open_database(address: str, lock_wait_s: float = 30.0) -> Database:
    """Open a database by its SQLAlchemy URL; no connection is made before the first transaction.

    Args:
        address: ``sqlite:///var/splice.db`` (the folder is made where it is missing) or
            ``postgresql://user:password@host:port/database``.
        lock_wait_s: seconds a writer waits for another one before it gives up.

    Raises:
        ConfigurationError: no such kind of database, or its driver is not installed.
    """
    url = _parsed(address)
    name = url.render_as_string(hide_password=True)
    opener = {"sqlite": _open_sqlite, "postgresql": _open_postgresql}.get(url.get_backend_name())
    if opener is None:
        raise ConfigurationError(f"database {name}: sqlite:///FILE or postgresql://HOST/NAME was expected")
    try:
        return opener(url, name, lock_wait_s)
    except ImportError as error:
        raise ConfigurationError(f"database {name}: its driver is missing: {error}; install it") from error


def _parsed(address: str) -> URL:
    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        # the library's message repeats the whole address, password included
        raise ConfigurationError(
            "the database address is no URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME was expected"
        ) from None


def _open_sqlite(url: URL, name: str, lock_wait_s: float) -> Database:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(f"database {name}: SQLite needs a file, such as sqlite:///var/splice.db")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"database {name}: its folder cannot be made: {error.strerror}") from error
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": lock_wait_s}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    writer = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    return Database(name, engine, writer, engine, writer.execution_options(**{_SYNCHRONOUS: "FULL"}))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver: Any = connection.connection.driver_connection
    wanted = options.get(_SYNCHRONOUS, "NORMAL")
    if connection.info.get(_SYNCHRONOUS) != wanted:
        driver.execute(f"PRAGMA synchronous={wanted}")
        connection.info[_SYNCHRONOUS] = wanted
    driver.execute(options.get(_BEGIN, "BEGIN"))


def _open_postgresql(url: URL, name: str, lock_wait_s: float) -> Database:
    lock_timeout_ms = max(1, math.ceil(lock_wait_s * 1000))
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "autocommit": True,  # the driver begins nothing by itself: _begin_postgresql does, with one message
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "cursor_factory": PlainCursor,
            "prepare_threshold": _PREPARED_AFTER,
            "options": f"{_SETTINGS} -c lock_timeout={lock_timeout_ms}",
        },
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ask_after_a_rest)
    reader, journal = (engine.execution_options(**{_BEGIN: how}) for how in (_READS, _JOURNALS))
    return Database(name, engine, engine, reader, journal)


def _begin_postgresql(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(connection.get_execution_options().get(_BEGIN, _WRITES), prepare=False)
    except DriverError:
        if driver.closed:
            connection.invalidate()
        raise


def _note_use(_connection: object, record: Any) -> None:
    record.info[_USED_AT] = time.monotonic()


def _ask_after_a_rest(connection: Any, record: Any, _proxy: object) -> None:
    """Ask only what has rested: a question before each transaction costs as much as what most of them do."""
    used_at = record.info.get(_USED_AT)
    if used_at is None or time.monotonic() - used_at < _ASKED_AFTER_S:
        return
    try:
        connection.execute("SELECT 1")
    except DriverError as error:
        raise DisconnectionError from error
