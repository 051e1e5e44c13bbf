"""The options of a stream of files, typed and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.files.folders import inner_folder
from connectors.ports import StreamRead
from connectors.settings import choice

FORMATS = ("csv", "fixed", "xlsx", "parquet")
MODES = ("delta", "full")
ORDERS = ("name", "time")
IGNORED = (".*", "~*", "*.tmp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.swp", "*.lock")
"""Names under which programs keep what they have not finished."""

_BY_SUFFIX = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet"}
_TRAILER_KEYS = ("first", "count", "sum")
_PLACE = re.compile(r"(\d{1,6})-(\d{1,6})", re.ASCII)

Place = int | tuple[int, int]
"""Where a value stands: the number of a field from 0, or the first character and the one behind the last."""


@dataclass(frozen=True, slots=True)
class Trailer:
    """The last line of a file, which tells what the file has to hold.

    Attributes:
        first: what its first field is, or how it begins.
        count: where it holds the number of rows; None where it does not.
        sums: columns whose sum it holds, with the place.
    """

    first: str
    count: Place | None
    sums: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a stream; names as in ``CAPABILITIES.stream_options``.

    Attributes:
        folder: a folder within the system's; None for that one.
        pattern: which names are meant, with the wildcards of a shell.
        columns: names, with the place of each for fixed width; empty where a header names them.
        deleted_values: None where anything in the column means deleted.
        json_columns: columns whose text is JSON, as a nested list is.
    """

    folder: str | None
    pattern: str
    format: str
    mode: str
    order: str
    encoding: str | None
    delimiter: str | None
    quote: str | None
    has_header: bool
    columns: Mapping[str, Place]
    skip_lines: int
    trailer: Trailer | None
    sheet: str | None
    deleted_column: str | None
    deleted_values: frozenset[str] | None
    json_columns: frozenset[str]
    ignored: tuple[str, ...]
    done_marker: str | None
    archive: str | None
    settle_s: float

    @property
    def is_overwritten(self) -> bool:
        """Whether one and the same name is laid down again and again."""
        return not any(sign in self.pattern for sign in "*?[")


def plan_of(read: StreamRead, options: Mapping[str, Any]) -> Plan:
    """Check the options of a stream, those of its system's block among them.

    Raises:
        ConfigurationError: an option makes no sense, or the object is no pattern of names.
    """
    place = f"{read.stream}: options:"
    path = PurePosixPath(inner_folder(read.source_object, f"{read.stream}: object"))
    form = _format(place, path.name, options)
    has_header = _flag(place, options, "header", default=form != "fixed")
    columns = _columns(place, form, options)
    if form == "fixed" and not columns:
        raise ConfigurationError(f"{place} columns: the place of each column is needed for fixed width, as id: 1-10")
    if form == "csv" and not has_header and not columns:
        raise ConfigurationError(f"{place} columns: a list of names is needed where there is no header")
    deleted = _deleted_values(place, options)
    archive = options.get("archive")
    return Plan(
        folder=None if str(path.parent) == "." else path.parent.as_posix(),
        pattern=path.name,
        format=form,
        mode=choice(f"{place} mode", options.get("mode", MODES[0]), MODES),
        order=choice(f"{place} order", options.get("order", ORDERS[0]), ORDERS),
        encoding=_encoding(place, options),
        delimiter=_one_character(place, options, "delimiter"),
        quote='"' if "quote" not in options else _one_character(place, options, "quote", none="none"),
        has_header=has_header,
        columns=columns,
        skip_lines=int(_number(place, options, "skip_lines", 0)),
        trailer=_trailer(place, form, options.get("trailer")),
        sheet=options.get("sheet"),
        deleted_column=options.get("deleted_column"),
        deleted_values=deleted,
        json_columns=frozenset(_texts(place, options, "json_columns")),
        ignored=(*IGNORED, *_texts(place, options, "ignore")),
        done_marker=options.get("done_marker"),
        archive=None if archive is None else inner_folder(str(archive), f"{place} archive"),
        settle_s=_number(place, options, "settle_s", 5.0),
    )


def _format(place: str, name: str, options: Mapping[str, Any]) -> str:
    given = options.get("format")
    if given is not None:
        return choice(f"{place} format", given, FORMATS)
    suffix = PurePosixPath(name.lower().removesuffix(".gz")).suffix
    if suffix not in _BY_SUFFIX:
        raise ConfigurationError(f"{place} format: {', '.join(FORMATS)} is expected, as {name} does not tell it")
    return _BY_SUFFIX[suffix]


def _columns(place: str, form: str, options: Mapping[str, Any]) -> dict[str, Place]:
    written = options.get("columns", {})
    if form != "fixed":
        names = _texts(place, options, "columns")
        if len(set(names)) < len(names):
            raise ConfigurationError(f"{place} columns: a name stands there twice")
        return {name: number for number, name in enumerate(names)}
    if not isinstance(written, dict):
        raise ConfigurationError(f"{place} columns: name: first-last is expected, as id: 1-10")
    return {str(name): _span(f"{place} columns: {name}", value) for name, value in written.items()}


def _span(place: str, written: Any) -> tuple[int, int]:
    match = _PLACE.fullmatch(str(written))
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ConfigurationError(f"{place}: first-last is expected, characters counted from 1, as 1-10")
    return int(match[1]) - 1, int(match[2])


def _trailer(place: str, form: str, written: Any) -> Trailer | None:
    if written is None:
        return None
    place = f"{place} trailer:"
    if not isinstance(written, dict) or not str(written.get("first") or ""):
        raise ConfigurationError(f"{place} first (what the line begins with), count and sum are expected")
    if form not in ("csv", "fixed"):
        raise ConfigurationError(f"{place} only csv and fixed have one")
    for key in written:
        choice(place, key, _TRAILER_KEYS)

    def at(key: str, value: Any) -> Place:
        if form == "fixed":
            return _span(f"{place} {key}", value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigurationError(f"{place} {key}: the number of a field is expected, counted from 1")
        return value - 1

    sums = written.get("sum", {})
    if not isinstance(sums, dict):
        raise ConfigurationError(f"{place} sum: column: place is expected, as amount: 3")
    return Trailer(
        first=str(written["first"]),
        count=at("count", written["count"]) if "count" in written else None,
        sums={str(name): at(f"sum: {name}", value) for name, value in sums.items()},
    )


def _deleted_values(place: str, options: Mapping[str, Any]) -> frozenset[str] | None:
    values = options.get("deleted_values")
    if values is None:
        return None
    if not options.get("deleted_column") or not isinstance(values, list) or not values:
        raise ConfigurationError(f"{place} deleted_values is a list of values, and goes with deleted_column")
    return frozenset(str(value) for value in values)


def _encoding(place: str, options: Mapping[str, Any]) -> str | None:
    name = options.get("encoding")
    if name is None:
        return None
    try:
        "".encode(str(name))
    except LookupError as error:
        raise ConfigurationError(f"{place} encoding: there is no {name}") from error
    return str(name)


def _one_character(place: str, options: Mapping[str, Any], name: str, none: str | None = None) -> str | None:
    value = options.get(name)
    if value is None or value == none:
        return None
    if value == "tab":
        return "\t"
    if not isinstance(value, str) or len(value) != 1 or value in "\r\n":
        raise ConfigurationError(f"{place} {name}: one character is expected{f', or {none}' if none else ', or tab'}")
    return value


def _texts(place: str, options: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = options.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ConfigurationError(f"{place} {name} is a list of texts")
    return tuple(value)


def _flag(place: str, options: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = options.get(name, default)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{place} {name} is true or false")
    return value


def _number(place: str, options: Mapping[str, Any], name: str, default: float) -> float:
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100_000:
        raise ConfigurationError(f"{place} {name} is a number from 0")
    return value
