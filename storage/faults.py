"""What a database driver reports, in the words of our own errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError

_SQLITE_LATER = {
    "SQLITE_BUSY": "another writer holds it",
    "SQLITE_LOCKED": "another writer holds it",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk does not answer",
}
_SQLITE_WRONG = {
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_READONLY": "the file may not be written",
    "SQLITE_PERM": "the file may not be accessed",
    "SQLITE_AUTH": "the file may not be accessed",
}

# SQLSTATE by its first characters, PostgreSQL documentation, appendix A
_SQLSTATE_LATER = ("08", "40001", "40P01", "53", "55P03", "57014", "57P", "58")
_SQLSTATE_WRONG = ("28", "3D", "42501")

# a refused connection carries no SQLSTATE, only text
_LOGIN_IS_WRONG = (
    "does not exist",
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "permission denied",
    "is not permitted to log in",
)


@contextmanager
def driver_faults(database: str) -> Iterator[None]:
    """Raise our own error for what a person or a later try can mend; any other fault is a defect and passes.

    Args:
        database: the address without its password, named in the message.

    Raises:
        RetryableError: locked, full, restarting or out of reach.
        ConfigurationError: login, database name or file are wrong.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise RetryableError(f"database {database}: all connections are in use; try again later") from error
    except DBAPIError as error:
        raise _translated(database, error.orig) or error from error.orig
    except (psycopg.Error, sqlite3.Error) as error:
        raise _translated(database, error) or error from error.__cause__


def _translated(database: str, fault: BaseException | None) -> SpliceError | None:
    if isinstance(fault, sqlite3.Error):
        return _of_sqlite(database, fault)
    if isinstance(fault, psycopg.Error):
        return _of_postgresql(database, fault)
    return None


def _of_sqlite(database: str, fault: sqlite3.Error) -> SpliceError | None:
    # extended codes continue the primary one: SQLITE_BUSY_SNAPSHOT, SQLITE_IOERR_WRITE
    code = "_".join(getattr(fault, "sqlite_errorname", "").split("_")[:2])
    if code in _SQLITE_LATER:
        return RetryableError(f"database {database}: {_SQLITE_LATER[code]}; try again later")
    if code in _SQLITE_WRONG:
        return ConfigurationError(f"database {database}: {_SQLITE_WRONG[code]}; mend its path or permissions")
    return None


def _of_postgresql(database: str, fault: psycopg.Error) -> SpliceError | None:
    state = fault.sqlstate
    if state is None:
        return _of_connection(database, fault)
    if state.startswith(_SQLSTATE_LATER):
        return RetryableError(f"database {database}: busy or out of reach ({state}); try again later")
    if state.startswith(_SQLSTATE_WRONG):
        return ConfigurationError(f"database {database}: access is refused ({state}); mend login or rights")
    return None


def _of_connection(database: str, fault: psycopg.Error) -> SpliceError | None:
    if not isinstance(fault, psycopg.OperationalError):
        return None
    text = str(fault)
    if any(part in text for part in _LOGIN_IS_WRONG):
        return ConfigurationError(f"database {database}: access is refused; mend user, password or database name")
    return RetryableError(f"database {database}: the server cannot be reached; try again later")
