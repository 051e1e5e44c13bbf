"""PostgreSQL through psycopg: texts as the server writes them, so that nothing is lost in types of Python."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import postgres
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader

from connectors.exact_json import loads
from connectors.plain_values import binary_text
from connectors.sql.access import Access
from connectors.sql.dialect import Column, Convert, Dialect, Reading, ValueOptions
from connectors.sql.meanings import (
    CUT,
    LOCKED,
    NO_TABLE,
    NO_TEXT,
    NO_TLS,
    REFUSED,
    TOO_SLOW,
    WOULD_WRITE,
    Told,
    other,
    wrong_statement,
)
from connectors.sql.values import each, json_text, plain_column, zoned

_AS_TEXT = (
    *("numeric", "float4", "float8", "money", "date", "time", "timetz", "timestamp", "timestamptz", "interval"),
    *("uuid", "inet", "cidr", "macaddr", "bit", "varbit"),
    *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"),
    *("int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange"),
)
"""Types of which the server's own text is the value: Python's would round, overflow (infinity) or reorder it."""

_TYPES = postgres.types
_TIMESTAMP, _TIMESTAMPTZ = _TYPES["timestamp"].oid, _TYPES["timestamptz"].oid
_PADDED, _OCTETS = _TYPES["bpchar"].oid, _TYPES["bytea"].oid
_DECIMAL = frozenset(_TYPES[name].oid for name in ("numeric", "float4", "float8"))
_AS_IT_COMES = frozenset(
    _TYPES[name].oid
    for name in (*_AS_TEXT, "text", "varchar", "name", "bool", "int2", "int4", "int8", "json", "jsonb")
)
_ELEMENT = {info.array_oid: info.oid for info in _TYPES if info.array_oid}

_STATES: tuple[tuple[tuple[str, ...], Told], ...] = (
    (("57014",), TOO_SLOW),
    (("55P03",), LOCKED),
    (("08", "40", "53", "57P", "58", "25P03", "55006"), CUT),
    (("28", "3D000", "42501"), REFUSED),
    (("25006", "25001"), WOULD_WRITE),
    (("22021", "22P05"), NO_TEXT),
    (("42P01", "3F000"), NO_TABLE),
)
"""SQLSTATE by its first characters, PostgreSQL documentation, appendix A."""

# a refused connection carries no SQLSTATE, only text
_LOGIN_IS_WRONG = (
    "does not exist",
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "permission denied",
    "is not permitted to log in",
)
_TLS_IS_WRONG = ("certificate", "server does not support SSL", "sslmode", "SSL error")


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for too long.

    The server's own limit (``statement_timeout``) ends slow statements; this one ends silence, as of a network that
    drops packets.
    """

    silence_s: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer; see psycopg."""
        return super().wait(gen, interval, self.silence_s if timeout is None else timeout)


def _connect(access: Access, arguments: dict[str, Any]) -> BoundedConnection:
    limit_ms = max(1, round(access.statement_timeout_s * 1000))
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": limit_ms,
        "lock_timeout": limit_ms,
        "timezone": "UTC",
        "datestyle": "ISO",
        "intervalstyle": "iso_8601",
        "lc_monetary": "C",
        "bytea_output": "hex",
        "extra_float_digits": "1",
    }
    arguments |= {
        "connect_timeout": access.whole_connect_timeout_s,
        "client_encoding": access.encoding or "UTF8",
        "application_name": "splice",
        "prepare_threshold": None,
        "context": _adapters(arguments.get("context")),
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    if access.password is not None:
        arguments["password"] = access.password.get_secret_value()
    if access.ssl_mode is not None:
        arguments["sslmode"] = access.ssl_mode
    if access.ca_bundle is not None:
        arguments["sslrootcert"] = access.ca_bundle
    connection: BoundedConnection = BoundedConnection.connect(**arguments)
    connection.silence_s = access.silence_s
    connection.read_only = True
    return connection


def _open_rows(connection: BoundedConnection, statement: str, values: Mapping[str, Any]) -> Any:
    """A cursor of the server's (DECLARE), in the transaction that it begins."""
    cursor = connection.cursor("splice_rows")
    cursor.execute(statement.encode(), values)
    return cursor


def _adapters(context: AdaptContext | None) -> AdaptersMap:
    adapters = AdaptersMap(context.adapters if context else psycopg.adapters)
    for name in _AS_TEXT:
        adapters.register_loader(name, TextLoader)
    set_json_loads(loads, adapters)
    return adapters


def _reading(description: Any, options: ValueOptions) -> Reading:
    oid = description.type_code
    if description.name in options.json_columns:
        return Reading(each(json_text))
    if oid == _TIMESTAMPTZ:
        return Reading(_moments, "moment")
    if oid == _TIMESTAMP:
        return Reading(_naive(options), "naive")
    if oid == _PADDED:
        return Reading(each(_unpadded))
    if oid == _OCTETS:
        return Reading(each(binary_text(options.binary)))
    if oid in _DECIMAL:
        return Reading(None, "decimal")
    if oid in _AS_IT_COMES:
        return Reading()
    element = _ELEMENT.get(oid)
    if element == _TIMESTAMPTZ:
        return Reading(_nested(_moment))
    if element == _TIMESTAMP:
        return Reading(_nested(_with_t))
    return Reading(plain_column(ValueOptions(binary=options.binary)))


def _moment(text: str) -> str:
    """ISO 8601 of what the server writes; the session's zone is UTC. ``infinity`` and years BC stay as they are."""
    return f"{text[:10]}T{text[11:]}:00" if text.endswith("+00") and text[10] == " " else text


def _moments(column: Column) -> Column:
    """As ``_moment`` for a whole column, in one go: there are often as many moments as rows."""
    joined = "\n".join(["" if text is None else text for text in column])
    if "BC" in joined:
        return each(_moment)(column)
    written = f"{joined}\n".replace(" ", "T").replace("+00\n", "+00:00\n").split("\n")
    return [text or None for text in written[:-1]]


def _with_t(text: str) -> str:
    return f"{text[:10]}T{text[11:]}" if text[10:11] == " " and text[0].isdigit() else text


def _naive(options: ValueOptions) -> Convert:
    if options.zone is None:
        return each(_with_t)
    in_zone = zoned(options.zone)
    return each(lambda text: in_zone(_with_t(text)))


def _unpadded(text: str) -> str:
    """A CHAR(n) without the blanks that fill it up: SQL counts them as nothing."""
    return text.rstrip(" ")


def _nested(convert: Any) -> Convert:
    def within(value: Any) -> Any:
        if isinstance(value, list):
            return [within(element) for element in value]
        return convert(value) if isinstance(value, str) else value

    return each(within)


def _told(error: BaseException) -> Told | None:
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    if state is None:
        return _told_without_state(error)
    for begins, told in _STATES:
        if state.startswith(begins):
            return told
    if state.startswith("42"):  # syntax and names
        return wrong_statement(f"{error.diag.message_primary} ({state})")
    if state.startswith("22"):  # its message quotes a value
        return wrong_statement(f"a value does not fit ({state})")
    return other(state)


def _told_without_state(error: psycopg.Error) -> Told:
    text = str(error)
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return other(type(error).__name__)
    if any(part in text for part in _LOGIN_IS_WRONG):
        return REFUSED
    is_cut = "unexpected eof" in text
    return NO_TLS if not is_cut and any(part in text for part in _TLS_IS_WRONG) else CUT


DIALECT = Dialect(
    name="postgres",
    drivername="postgresql+psycopg",
    connect=_connect,
    reading=_reading,
    told=_told,
    rows_per_statement=1_000_000,
    open_rows=_open_rows,
    compares_rows=True,
)
