"""What is known of each kind of database beyond SQLAlchemy: read-only sessions, exact values, meanings of errors."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from canonical_model.errors import ConfigurationError
from connectors.importing import imported
from connectors.sql.access import Access
from connectors.sql.meanings import Told

Rows = Sequence[tuple[Any, ...]]
Column = Sequence[Any]
Convert = Callable[[Column], Column]
"""Turns a column of values as the driver gave them into JSON values, the column as a whole."""

Form = Literal["other", "naive", "moment", "decimal"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of one column are read.

    Attributes:
        convert: None where they are JSON values already.
        form: ``naive`` for date-times without a zone, ``moment`` for those with one; ``decimal`` where a number comes
            as text and must go back as a number.
    """

    convert: Convert | None = None
    form: Form = "other"


@dataclass(frozen=True, slots=True)
class ValueOptions:
    """How an operator wants values that JSON lacks.

    Attributes:
        binary: ``hex`` or ``base64``.
        zone: zone of date-times that bear none; None leaves them as they are.
        json_columns: columns of text that hold JSON.
        has_zero_dates_as_null: whether MariaDB's 0000-00-00 is a missing value.
    """

    binary: str = "hex"
    zone: str | None = None
    json_columns: frozenset[str] = frozenset()
    has_zero_dates_as_null: bool = False


def _unguarded(_connection: Any, _limit_s: float) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of database.

    Attributes:
        name: as sqlglot calls it; None where it knows none.
        drivername: SQLAlchemy's name of dialect and driver.
        connect: opens a connection of the driver that cannot write; takes the keyword arguments that SQLAlchemy made
            of the address.
        reading: how a column is read, by its description (PEP 249).
        told: what an error of the driver means; None where it is not the driver's, or a defect of ours.
        rows_per_statement: rows that one statement reads at most.
        open_rows: opens a statement on a connection of the driver, whose cursor fetches rows while it runs on the
            server; where this is None all rows of a statement are taken at once, so that nothing stays open at the
            source while a page is stored.
        compares_rows: ``(a, b) >= (x, y)`` uses an index over both columns.
        has_zero_dates: stores 0000-00-00.
        guard: ends a statement that runs longer than a number of seconds, where the server does not.
    """

    name: str | None
    drivername: str
    connect: Callable[[Access, dict[str, Any]], Any] | None
    reading: Callable[[Any, ValueOptions], Reading]
    told: Callable[[BaseException], Told | None]
    rows_per_statement: int = 20_000
    open_rows: Callable[[Any, str, Mapping[str, Any]], Any] | None = None
    compares_rows: bool = False
    has_zero_dates: bool = False
    guard: Callable[[Any, float], AbstractContextManager[None]] = _unguarded


_KNOWN = {"postgresql": "postgresql", "mysql": "mariadb", "mariadb": "mariadb", "sqlite": "sqlite"}
"""Backend of an address -> module beside this one."""


def dialect_of(access: Access) -> Dialect:
    """The dialect of an address.

    Raises:
        ConfigurationError: the address asks for another driver than the one that is read with, or the session of this
            kind of database cannot be made read-only and nobody says that the login is.
    """
    backend = access.url.get_backend_name()
    where = f"system {access.system}"
    if backend not in _KNOWN:
        if not access.is_read_only_login:
            raise ConfigurationError(
                f"{where}: a session of {backend} cannot be kept from writing; use a login that may only read, and "
                "say so with read_only_login: true"
            )
        other: Dialect = imported("connectors.sql.other").dialect(access)
        return other
    dialect: Dialect = imported(f"connectors.sql.{_KNOWN[backend]}").DIALECT
    asked, driver = access.url.drivername.partition("+")[2], dialect.drivername.partition("+")[2]
    if asked and asked != driver:
        raise ConfigurationError(f"{where}: address: {backend} is read through {driver}; leave the driver out")
    return dialect
