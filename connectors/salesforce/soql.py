"""SOQL for a pull: everything changed since a cursor, oldest first, continuing behind the last record."""

import re
from datetime import UTC, datetime

from canonical_model.errors import ConfigurationError
from connectors.importing import IMPORTING
from connectors.ports import StreamRead

_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
DELETED = "IsDeleted"
_PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*){0,5}", re.ASCII)


class QueryRefused(Exception):  # noqa: N818 - a signal inside the connector, which says what it means
    """The org understood a query and refused it with an error code of its own."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(code)
        self.code = code
        self.said = said


def select(
    read: StreamRead, since: str | None, after: tuple[str | None, str] | None, *, marks_deleted: bool = True
) -> str:
    """The query for a pull, in an order in which a record that changes moves to the end.

    Args:
        read: what is read.
        since: the earliest cursor value wanted, as the org spells it; None for all.
        after: cursor and Id of the last record that is stored already, in a pull under way.
        marks_deleted: whether the object has a recycle bin.

    Raises:
        ConfigurationError: a name is no field or object name, or a cursor value no date-time.
    """
    wanted = [*selected(read, marks_deleted=marks_deleted), *_children(read)]
    order = f"{read.cursor_field} ASC, Id ASC" if read.cursor_field else "Id ASC"
    return f"SELECT {', '.join(wanted)} FROM {_object(read)}{_condition(read, since, after)} ORDER BY {order}"  # noqa: S608 - names are checked


def select_unordered(read: StreamRead, since: str | None, *, marks_deleted: bool = True) -> str:
    """The query for a job of the Bulk API, which an order would keep from being divided; raises as ``select``."""
    wanted = ", ".join(selected(read, marks_deleted=marks_deleted))
    return f"SELECT {wanted} FROM {_object(read)}{_condition(read, since, None)}"  # noqa: S608 - names are checked


def _condition(read: StreamRead, since: str | None, after: tuple[str | None, str] | None) -> str:
    with IMPORTING:
        from simple_salesforce.format import format_soql  # noqa: PLC0415 - heavy, needed only when a system is open

    cursor = read.cursor_field
    if after is None:
        if cursor is None or since is None:
            return ""
        return str(format_soql(" WHERE {c:literal} >= {t:literal}", c=cursor, t=_instant(since)))
    time, identity = after
    if cursor is None or time is None:
        return str(format_soql(" WHERE Id > {i}", i=identity))
    pattern = " WHERE ({c:literal} > {t:literal} OR ({c:literal} = {t:literal} AND Id > {i}))"
    return str(format_soql(pattern, c=cursor, t=_instant(time), i=identity))


def page_size(wanted: int) -> int:
    """Records in a page of REST, of which an org gives 200 to 2,000."""
    return min(max(wanted, 200), 2000)


def count(read: StreamRead, since: str | None = None) -> str:
    """The query for how many records the org holds of an object, or has changed since a moment."""
    return f"SELECT COUNT() FROM {_object(read)}{_condition(read, since, None)}"  # noqa: S608 - names are checked


def selected(read: StreamRead, *, marks_deleted: bool = True) -> list[str]:
    """The fields of the query: those asked for and those the pull itself needs, each once; no nested lists.

    Raises:
        ConfigurationError: a name is no field name.
    """
    own = [name for name in read.fields if name not in read.lists]
    own += [*read.key, *([read.cursor_field] if read.cursor_field else []), "Id"]
    return _checked(read, [*own, DELETED] if marks_deleted else own)


def _children(read: StreamRead) -> list[str]:
    """A query in parentheses for each nested list."""
    queries = []
    for name, fields in read.lists.items():
        wanted = ", ".join(_checked(read, [*fields, "Id", DELETED]))
        _checked(read, [name])
        queries.append(f"(SELECT {wanted} FROM {name} ORDER BY Id ASC)")  # noqa: S608 - names are checked
    return queries


def _checked(read: StreamRead, names: list[str]) -> list[str]:
    for name in names:
        if not _PATH.fullmatch(name):
            raise ConfigurationError(f"{read.stream}: {name!r} is no name of a Salesforce field")
    return list(dict.fromkeys(names))


def _object(read: StreamRead) -> str:
    if not _NAME.fullmatch(read.source_object):
        raise ConfigurationError(f"{read.stream}: {read.source_object!r} is no name of a Salesforce object")
    return read.source_object


def _instant(value: str) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise ConfigurationError(f"cursor value {value!r} is no date-time; choose a date-time field") from error
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
