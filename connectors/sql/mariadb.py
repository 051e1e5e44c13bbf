"""MariaDB and MySQL through PyMySQL: dates and numbers as the server writes them."""

import ssl
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions

from canonical_model.errors import ConfigurationError
from connectors.plain_values import binary_text
from connectors.sql.access import Access
from connectors.sql.dialect import Column, Convert, Dialect, Reading, ValueOptions
from connectors.sql.meanings import (
    CUT,
    LOCKED,
    NO_TABLE,
    NO_TLS,
    REFUSED,
    TOO_SLOW,
    WOULD_WRITE,
    Told,
    other,
    wrong_statement,
)
from connectors.sql.values import each, json_text, plain_column, zoned

_AS_TEXT = frozenset(
    {
        FIELD_TYPE.DATE,
        FIELD_TYPE.NEWDATE,
        FIELD_TYPE.DATETIME,
        FIELD_TYPE.TIMESTAMP,
        FIELD_TYPE.TIME,
        FIELD_TYPE.FLOAT,
        FIELD_TYPE.DOUBLE,
    }
)
"""Types that Python's own would change: 0000-00-00, times beyond a day, binary floats."""

_NUMBERS = frozenset({FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG})
_UNKNOWN_VARIABLE = 1193
_NUMBERS_OF: dict[Told, tuple[int, ...]] = {
    REFUSED: (1044, 1045, 1049, 1130, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 3118, 4151),
    NO_TABLE: (1146, 1051),
    WOULD_WRITE: (1290, 1792, 1836),
    LOCKED: (1205, 1213),
    TOO_SLOW: (1028, 1969, 3024),
    CUT: (
        *(0, 1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 1317, 1927, 4031),
        *(2002, 2003, 2006, 2013, 2014, 2055),
    ),
    NO_TLS: (2026,),
}
"""Error numbers of MariaDB and MySQL, and of the client (2000 and up)."""

_TOLD = {number: told for told, numbers in _NUMBERS_OF.items() for number in numbers}
_WRONG_NAMES = (1052, 1054, 1060, 1247, 1305, 1356)


def _connect(access: Access, arguments: dict[str, Any]) -> "pymysql.Connection[Any]":
    arguments = {name: value for name, value in arguments.items() if name != "client_flag"}
    arguments |= {
        "connect_timeout": access.connect_timeout_s,
        "read_timeout": access.silence_s,
        "write_timeout": access.silence_s,
        "charset": "utf8mb4",
        "program_name": "splice",
        "conv": {kind: decode for kind, decode in conversions.items() if kind not in _AS_TEXT},
        **_tls(access),
    }
    if access.password is not None:
        arguments["password"] = access.password.get_secret_value()
    connection: pymysql.Connection[Any] = pymysql.connect(**arguments)
    try:
        _prepare(connection, access)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: "pymysql.Connection[Any]", access: Access) -> None:
    limit_s = access.statement_timeout_s
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute("SET SESSION lock_wait_timeout = %s", (max(1, round(limit_s)),))
        try:
            cursor.execute("SET SESSION max_statement_time = %s", (limit_s,))
        except pymysql.MySQLError as error:
            if error.args[0] != _UNKNOWN_VARIABLE:
                raise
            cursor.execute("SET SESSION max_execution_time = %s", (max(1, round(limit_s * 1000)),))  # MySQL


def _tls(access: Access) -> dict[str, Any]:
    if access.ssl_mode is None:
        return {}
    if access.ssl_mode == "disable":
        return {"ssl_disabled": True}
    try:
        context = ssl.create_default_context(cafile=access.ca_bundle)
    except OSError as error:
        raise ConfigurationError(
            f"system {access.system}: options: ca_bundle cannot be read: {error.strerror}"
        ) from error
    context.check_hostname = access.ssl_mode == "verify-full"
    context.verify_mode = ssl.CERT_NONE if access.ssl_mode == "require" else ssl.CERT_REQUIRED
    return {"ssl": context}


def _reading(description: Any, options: ValueOptions) -> Reading:
    name, kind = description[0], description[1]
    if name in options.json_columns or kind == FIELD_TYPE.JSON:
        return Reading(each(json_text))
    if kind in _NUMBERS:
        return Reading()
    if kind in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
        return Reading(each(lambda value: format(value, "f")), "decimal")
    if kind == FIELD_TYPE.TIMESTAMP:
        return Reading(_moments(options, lambda text: f"{text[:10]}T{text[11:]}+00:00"), "moment")
    if kind == FIELD_TYPE.DATETIME:
        in_zone = zoned(options.zone) if options.zone else str
        return Reading(_moments(options, lambda text: in_zone(f"{text[:10]}T{text[11:]}")), "naive")
    if kind in (FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE):
        return Reading(_moments(options, str), "naive")
    if kind == FIELD_TYPE.BIT:
        return Reading(each(lambda value: int.from_bytes(value, "big")))
    return Reading(_texts(options))


def _moments(options: ValueOptions, write: Any) -> Convert:
    zero = None if options.has_zero_dates_as_null else ""

    def convert(text: str) -> str | None:
        if text.startswith("0000-00-00"):
            return zero if zero is None else text
        return str(write(text))

    return each(convert)


def _texts(options: ValueOptions) -> Convert:
    """Texts, and octets where the column has no character set."""
    binary, mixed = binary_text(options.binary), plain_column(ValueOptions(binary=options.binary))

    def convert(column: Column) -> Column:
        kinds = set(map(type, column)) - {type(None)}
        if kinds <= {str}:
            return column
        return each(binary)(column) if kinds == {bytes} else mixed(column)

    return convert


def _told(error: BaseException) -> Told | None:
    if not isinstance(error, pymysql.MySQLError):
        # the driver says so where a login needs a library that is not there
        needs = isinstance(error, RuntimeError) and "cryptography" in str(error)
        return Told(ConfigurationError, "the login needs the package cryptography; install it") if needs else None
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return NO_TLS
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if number in _TOLD:
        return _TOLD[number]
    if isinstance(error, pymysql.ProgrammingError) or number in _WRONG_NAMES:
        return wrong_statement(f"{error.args[1]} ({number})")
    return other(f"error {number}")


DIALECT = Dialect(
    name="mysql",
    drivername="mysql+pymysql",
    connect=_connect,
    reading=_reading,
    told=_told,
    has_zero_dates=True,
)
