"""What a REST service tells of itself: collections of its OpenAPI description, and the shape of a first page.

Without a description a path has to be named; what it answers then tells where rows, next page and total stand.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.drafting.changes import changing_field
from connectors.drafting.words import likeness
from connectors.http.rest_service import RestAnswer, RestService
from connectors.probing import Description, FoundField, FoundObject, list_in_list
from connectors.settings import at_path

DESCRIPTIONS = ("openapi.json", "swagger.json")
"""Where services that describe themselves commonly do so, below the address."""

_DEEPEST = 3
_NEXT = ("next", "next cursor", "next page", "next token", "cursor", "continuation token", "next link")
_TOTAL = ("total", "total count", "count", "total items", "total results")
_TOTAL_HEADERS = ("X-Total-Count", "X-Total", "Total-Count")
_SINCE = ("updated since", "modified since", "changed since", "since", "updated after", "modified after")
_SIZE = ("limit", "page size", "per page", "size", "max results")
_STYLES = {"offset": ("offset", "skip"), "page": ("page", "page number"), "cursor": ("cursor", "page token", "after")}
_OWN_KEYS = ("id", "uuid", "key", "number")


class RestProbe:
    """Looks around in one service."""

    def __init__(self, service: RestService, name: str, description: str | None) -> None:
        self._service = service
        self._name = name
        self._places = (description,) if description else DESCRIPTIONS
        self._must_be_there = description is not None
        self._paths: Mapping[str, Any] | None = None

    def objects(self) -> Sequence[FoundObject]:
        """Paths that can be got without further ones in them; empty where the service describes nothing."""
        found = []
        for path, item in self._described().items():
            asked = item.get("get") if isinstance(item, Mapping) else None
            if isinstance(asked, Mapping) and "{" not in path:
                found.append(FoundObject(path.lstrip("/"), str(asked.get("summary") or "")))
        return found

    def describe(self, name: str, limit: int) -> Description:
        """See ``connectors.probing.Probe``; any path may be named, described or not."""
        known = self._parameters(name)
        size = _called(_SIZE, known)
        answer = self._service.get(name, {size: limit} if size else {}, name)
        rows = _rows_path(answer.body)
        if rows is None:
            raise ConfigurationError(f"{self._name}: {name}: the answer holds no list of records")
        records = [one for one in at_path(answer.body, rows) if isinstance(one, dict)][:limit]
        options, notes = _options(answer, rows, known)
        names = dict.fromkeys(path for record in records for path in _leaves(record))
        lists: dict[str, dict[str, None]] = {}
        deeper: dict[str, None] = {}
        for path, one in (pair for record in records for pair in _elements(record)):
            lists.setdefault(path, {}).update(dict.fromkeys(_leaves(one)))
            deeper.update(dict.fromkeys(f"{path}.{inner}" for inner, _ in _elements(one)))
        notes += [list_in_list(path) for path in deeper]
        cursor = changing_field([FoundField(one) for one in names], records)
        if cursor is not None and "since_parameter" not in options:
            notes.append(f"{cursor} grows with each change; as a cursor it needs options.since_parameter.")
            cursor = None
        return Description(
            name,
            tuple(FoundField(path) for path in [*names, *(path for path in lists if path not in names)]),
            key=next(((one,) for one in names if one.lower() in _OWN_KEYS), ()),
            cursor=cursor,
            lists={path: tuple(map(FoundField, fields)) for path, fields in lists.items()},
            options=options,
            samples=records,
            notes=tuple(notes),
        )

    def close(self) -> None:
        """Close the connection."""
        self._service.close()

    def _described(self) -> Mapping[str, Any]:
        """``paths`` of the OpenAPI description; empty without one."""
        if self._paths is None:
            self._paths = {}
            for place in self._places:
                answer = self._found(place)
                paths = answer.body.get("paths") if answer and isinstance(answer.body, Mapping) else None
                if isinstance(paths, Mapping):
                    self._paths = paths
                    break
        return self._paths

    def _found(self, place: str) -> RestAnswer | None:
        try:
            return self._service.find(place, {}, place)
        except (ConfigurationError, RetryableError):
            if self._must_be_there:
                raise
            return None  # a service that does not describe itself may answer anything

    def _parameters(self, name: str) -> tuple[str, ...]:
        """Names of the query parameters of a path, as far as they are described in place."""
        item = self._described().get(f"/{name.lstrip('/')}", {})
        asked = item.get("get", {}) if isinstance(item, Mapping) else {}
        listed = [*item.get("parameters", ()), *asked.get("parameters", ())] if isinstance(asked, Mapping) else []
        return tuple(
            str(one["name"])
            for one in listed
            if isinstance(one, Mapping) and one.get("in") == "query" and "name" in one
        )


def _options(answer: RestAnswer, rows: str, known: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Options of a mapping that say how to page, and what could not be found out."""
    options: dict[str, Any] = {"rows": rows} if rows else {}
    notes = []
    beside = {
        path: value for path, value in _values(answer.body) if not path.startswith(f"{rows}." if rows else "\0")
    }
    following = next((path for path in beside if _is_called(path, _NEXT)), None)
    style = next((style for style, names in _STYLES.items() if _called(names, known)), None)
    if answer.next_link is not None:
        options["paging"] = "link"
    elif following is not None:
        value = beside[following]
        options |= {"paging": "link"} if isinstance(value, str) and "/" in value else {}
        options |= {"next": following}
    elif style in ("offset", "page"):
        options |= {"paging": style, "position_parameter": _called(_STYLES[style], known)}
    else:
        notes.append("Nothing tells how its next page is asked for: options.paging says so.")
        options["paging"] = "none"
    if size := _called(_SIZE, known):
        options |= {"size_parameter": size} if size != "limit" else {}
    if since := _called(_SINCE, known):
        options["since_parameter"] = since
    headers = {name.lower() for name in answer.headers}
    total = next((f"header:{name}" for name in _TOTAL_HEADERS if name.lower() in headers), None)
    total = total or next(
        (path for path, value in beside.items() if _is_called(path, _TOTAL) and _counts(value)), None
    )
    if total:
        options["total"] = total
    return options, notes


def _rows_path(body: Any, path: str = "", depth: int = 0) -> str | None:
    """Path of the longest list of objects, the shallowest first; empty where the answer is the list itself."""
    if isinstance(body, list):
        return path if not body or isinstance(body[0], dict) else None
    if not isinstance(body, Mapping) or depth == _DEEPEST:
        return None
    lists = {name: value for name, value in body.items() if _is_list(value)}
    if lists:
        longest = max(lists, key=lambda name: len(lists[name]))
        return f"{path}.{longest}" if path else longest
    for name, value in body.items():
        found = _rows_path(value, f"{path}.{name}" if path else name, depth + 1)
        if found is not None:
            return found
    return None


def _leaves(record: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Paths of the values of a record that are neither objects nor lists of objects."""
    for name, value in record.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, here)
        elif not _is_list(value):
            yield here


def _elements(record: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each element of each list of a record, however deep in objects it stands, with the list's path."""
    for name, value in record.items():
        here = f"{path}.{name}" if path else name
        if _is_list(value):
            yield from ((here, one) for one in value)
        elif isinstance(value, Mapping):
            yield from _elements(value, here)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _values(body: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Single values beside the rows, by path."""
    if not isinstance(body, Mapping) or depth == _DEEPEST:
        return
    for name, value in body.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            yield from _values(value, here, depth + 1)
        elif not isinstance(value, list):
            yield here, value


def _called(names: Sequence[str], known: Sequence[str]) -> str | None:
    """The known parameter that is called so, whatever its spelling."""
    return next((one for name in names for one in known if likeness(name, one) == 1.0), None)


def _is_called(path: str, names: Sequence[str]) -> bool:
    last = path.rpartition(".")[2]
    return any(likeness(name, last) == 1.0 for name in names)


def _counts(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal())
