"""The options of a stream of an SQL database, typed and checked."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from canonical_model.errors import ConfigurationError
from connectors.ports import StreamRead
from connectors.settings import choice, near, refuse_lists_behind_a_cursor, sweep_hours
from connectors.sql.dialect import Dialect, ValueOptions
from connectors.sql.select_text import checked_select
from connectors.sql.statements import named_source, query_source

_LIST_KEYS = ("object", "query", "parent", "order")


@dataclass(frozen=True, slots=True)
class NestedList:
    """Rows of another table that belong to a row.

    Attributes:
        name: field of the raw record that holds them.
        source_object: table or view, or how the query is called.
        source: what is read.
        parent: its columns that hold the key of the row, in the order of the mapping's key.
        order: its columns that order the elements.
    """

    name: str
    source_object: str
    source: Any
    parent: tuple[str, ...]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a stream; names as in ``CAPABILITIES.stream_options``.

    Attributes:
        columns: what is read of each row, once each: fields, key, cursor.
        has_total: whether the rows are counted.
        deleted_values: None where any value at all means deleted.
        sweep_hours: between two sweeps over all keys; None for never.
    """

    source: Any
    columns: tuple[str, ...]
    values: ValueOptions
    lists: tuple[NestedList, ...]
    deleted_column: str | None
    deleted_values: tuple[Any, ...] | None
    has_total: bool = True
    number_overlap: int = 0
    rows_per_statement: int = 1
    sweep_hours: float | None = None


def plan_of(read: StreamRead, options: dict[str, Any], dialect: Dialect) -> Plan:
    """Check the options of a stream, those of its system's block among them.

    Raises:
        ConfigurationError: an option makes no sense, or a query is not one SELECT.
    """
    place = f"{read.stream}: options:"
    lists = tuple(_list(read, name, written, options, dialect) for name, written in _table(options, "lists", place))
    nested = [each.name for each in lists]
    if unread := [name for name in nested if name not in read.fields]:
        raise ConfigurationError(f"{place} lists: {unread[0]} is not read{near(unread[0], read.fields)}")
    refuse_lists_behind_a_cursor(read, nested, options)
    tops = (name.partition(".")[0] for name in read.fields if name not in nested)
    wanted = dict.fromkeys([*tops, *read.key, *([read.cursor_field] if read.cursor_field else [])])
    deleted_values = options.get("deleted_values")
    if deleted_values is not None and not options.get("deleted_column"):
        raise ConfigurationError(f"{place} deleted_values goes with deleted_column")
    if deleted_values is not None and not (isinstance(deleted_values, list) and deleted_values):
        raise ConfigurationError(f"{place} deleted_values is a list of values")
    return Plan(
        source=_source(place, read.source_object, options.get("query"), options, dialect),
        columns=tuple(wanted),
        values=_values(place, options),
        lists=lists,
        deleted_column=options.get("deleted_column"),
        deleted_values=None if deleted_values is None else tuple(deleted_values),
        has_total=_flag(place, options, "total", default=True),
        number_overlap=_count(place, options, "number_overlap", 0, 0),
        rows_per_statement=max(
            _count(place, options, "rows_per_statement", dialect.rows_per_statement, 1), read.page_size + 1
        ),
        sweep_hours=sweep_hours(read, options),
    )


def _source(place: str, name: str, query: Any, options: dict[str, Any], dialect: Dialect) -> Any:
    if query is None:
        return named_source(name, options.get("schema"))
    if not isinstance(query, str):
        raise ConfigurationError(f"{place} query is a text")
    return query_source(checked_select(query, dialect.name, f"{place} query"))


def _list(read: StreamRead, name: str, written: Any, options: dict[str, Any], dialect: Dialect) -> NestedList:
    place = f"{read.stream}: options: lists: {name}:"
    if not isinstance(written, dict):
        raise ConfigurationError(f"{place} {', '.join(_LIST_KEYS)} are expected")
    for key in written:
        choice(place, key, _LIST_KEYS)
    parent, order = _names(place, written, "parent"), _names(place, written, "order")
    if len(parent) != len(read.key):
        raise ConfigurationError(f"{place} parent names the columns that hold {', '.join(read.key)}, in that order")
    if (written.get("object") is None) == (written.get("query") is None):
        raise ConfigurationError(f"{place} either object or query is expected")
    source_object = str(written.get("object") or name)
    source = _source(place, source_object, written.get("query"), options, dialect)
    return NestedList(name, source_object, source, parent, order)


def _values(place: str, options: dict[str, Any]) -> ValueOptions:
    zone = options.get("zone")
    if zone is not None:
        try:
            ZoneInfo(str(zone))
        except (OSError, ValueError, LookupError) as error:
            raise ConfigurationError(f"{place} zone: there is no time zone {zone!r}") from error
    return ValueOptions(
        binary=choice(f"{place} binary", options.get("binary", "hex"), ("hex", "base64")),
        zone=None if zone is None else str(zone),
        json_columns=frozenset(_names(place, options, "json_columns")),
        has_zero_dates_as_null=choice(f"{place} zero_dates", options.get("zero_dates", "text"), ("text", "null"))
        == "null",
    )


def _table(options: dict[str, Any], name: str, place: str) -> list[tuple[str, Any]]:
    value = options.get(name, {})
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place} {name} is a table of name: what it is")
    return [(str(key), entry) for key, entry in value.items()]


def _names(place: str, options: dict[str, Any], name: str) -> tuple[str, ...]:
    value = options.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigurationError(f"{place} {name} is a list of column names")
    return tuple(value)


def _flag(place: str, options: dict[str, Any], name: str, *, default: bool) -> bool:
    value = options.get(name, default)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{place} {name} is true or false")
    return value


def _count(place: str, options: dict[str, Any], name: str, default: int, least: int) -> int:
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{place} {name} is a whole number from {least}")
    return value
