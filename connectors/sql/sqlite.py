"""SQLite through the standard library: any value may stand in any column, so each is read by its own type."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import quote

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.sql.access import Access
from connectors.sql.dialect import Dialect, Reading, ValueOptions
from connectors.sql.meanings import LOCKED, NO_TABLE, TOO_SLOW, WOULD_WRITE, Told, other, wrong_statement
from connectors.sql.values import each, json_text, plain_column

_TOLD = {
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_INTERRUPT": TOO_SLOW,
    "SQLITE_READONLY": WOULD_WRITE,
    "SQLITE_IOERR": Told(RetryableError, "the disk does not answer; try again later"),
    "SQLITE_SCHEMA": Told(RetryableError, "its tables have just been changed; try again later"),
    "SQLITE_CANTOPEN": Told(ConfigurationError, "the file cannot be opened; check the address and its permissions"),
    "SQLITE_NOTADB": Told(ConfigurationError, "the file is no SQLite database; check the address"),
    "SQLITE_PERM": Told(ConfigurationError, "the file may not be read; check its permissions"),
    "SQLITE_AUTH": Told(ConfigurationError, "the file may not be read; check its permissions"),
    "SQLITE_CORRUPT": Told(UnsafeToContinue, "the file is damaged; ask its owner"),
}


def _connect(access: Access, _arguments: dict[str, Any]) -> sqlite3.Connection:
    path = Path(str(access.url.database)).expanduser()
    encoding = access.encoding or "utf-8"
    try:
        "".encode(encoding)
    except LookupError as error:
        raise ConfigurationError(f"system {access.system}: options: encoding: there is no {encoding}") from error
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, timeout=access.statement_timeout_s, isolation_level=None
    )
    # what is no text of this encoding is told of its record alone, when the mapping reads it
    connection.text_factory = lambda octets: octets.decode(encoding, "surrogateescape")
    connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def _guard(connection: Any, limit_s: float) -> Iterator[None]:
    """SQLite has no limit of its own for a statement; another thread may interrupt it."""
    timer = Timer(limit_s, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _reading(description: Any, options: ValueOptions) -> Reading:
    if description[0] in options.json_columns:
        return Reading(each(json_text))
    return Reading(plain_column(options), "naive")


def _told(error: BaseException) -> Told | None:
    if not isinstance(error, sqlite3.Error):
        return None
    # extended codes continue the primary one: SQLITE_BUSY_SNAPSHOT, SQLITE_IOERR_READ
    code = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
    if code in _TOLD:
        return _TOLD[code]
    if str(error).startswith("no such table"):
        return NO_TABLE
    return wrong_statement(str(error)) if code == "SQLITE_ERROR" else other(code or type(error).__name__)


DIALECT = Dialect(
    name="sqlite",
    drivername="sqlite+pysqlite",
    connect=_connect,
    reading=_reading,
    told=_told,
    compares_rows=True,
    guard=_guard,
)
