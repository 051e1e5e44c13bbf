"""What a WSDL tells of a SOAP service: operations that answer with lists, and the elements of a row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zeep import xsd

from canonical_model.errors import ConfigurationError
from connectors.drafting.changes import changing_field
from connectors.drafting.words import likest
from connectors.ports import Source
from connectors.probing import Description, FoundField, FoundObject, list_in_list, sampled
from connectors.settings import near
from connectors.soap.wsdl_service import SoapService
from connectors.soap.xml_records import Shapes, attributes_of
from rules.types import ColumnType, Kind

_DEEPEST = 4
_ASKED: Mapping[str, tuple[str, ...]] = {
    "page_size": ("page size", "limit", "max rows", "max results", "count"),
    "page_token": ("page token", "cursor", "continuation token", "bookmark", "token"),
    "since": ("modified since", "changed since", "updated since", "since", "modified from", "last modified"),
}
"""Option -> what the element of a request is called that takes it."""
_TOLD: Mapping[str, tuple[str, ...]] = {
    "next_token": ("next page token", "next token", "next cursor", "continuation token", "bookmark"),
    "total": ("total", "total count", "total rows", "total results", "row count"),
}
"""Option -> what the element of an answer is called that tells it."""
_GOOD = 0.8
_KINDS: tuple[tuple[Any, Kind], ...] = (
    (xsd.Boolean, "boolean"),
    (xsd.DateTime, "timestamp"),
    (xsd.Date, "date"),
    (xsd.Integer, "integer"),
    (xsd.Int, "integer"),
    (xsd.Long, "integer"),
    (xsd.Short, "integer"),
    (xsd.Double, "number"),
    (xsd.Float, "number"),
)


class SoapProbe:
    """Looks around in one service."""

    def __init__(self, source: Source, service: SoapService, name: str) -> None:
        self._source = source
        self._service = service
        self._name = name
        self._shapes = Shapes()

    def objects(self) -> Sequence[FoundObject]:
        """Operations whose answer holds a list of records."""
        found = []
        for operation in self._service.operations():
            _, answer = self._service.types(operation)
            path = self._rows(answer)
            if path is not None:
                found.append(FoundObject(operation, f"lists {path}"))
        return found

    def describe(self, name: str, limit: int) -> Description:
        """See ``connectors.probing.Probe``."""
        request, answer = self._service.types(name)
        path = self._rows(answer)
        if path is None:
            listing = [one.name for one in self.objects()]
            raise ConfigurationError(f"{self._name}: {name} answers with no list of records{near(name, listing)}")
        row = self._shapes.at(answer, path)
        fields = tuple(self._leaves(row))
        lists = {one: tuple(self._leaves(kind)) for one, kind in self._lists(row)}
        options = {"rows": path} | self._options(request, _ASKED) | self._options(answer, _TOLD)
        if ("page_token" in options) != ("next_token" in options):
            options = {one: value for one, value in options.items() if one not in {"page_token", "next_token"}}
        cursor = changing_field(fields) if "since" in options else None
        notes = tuple(
            list_in_list(f"{one}.{inner}") for one, kind in self._lists(row) for inner, _ in self._lists(kind)
        )
        found = Description(name, (*fields, *map(FoundField, lists)), (), cursor, lists, options, notes=notes)
        return sampled(self._source, found, limit)

    def close(self) -> None:
        """Close the connections."""
        self._source.close()
        self._service.close()

    def _rows(self, answer: Any) -> str | None:
        """Path of the first element that repeats and has elements of its own, the shallowest first."""
        level = [("", answer)]
        for _ in range(_DEEPEST):
            below = []
            for path, kind in level:
                for name, (child, repeats) in self._shapes.children(kind).items():
                    here = f"{path}.{name}" if path else name
                    if repeats and self._shapes.children(child):
                        return here
                    below.append((here, child))
            level = below
        return None

    def _leaves(self, kind: Any, path: str = "", depth: int = 0) -> Iterator[FoundField]:
        """The attributes and simple elements of a type and of what stands once inside it, by their paths."""
        for name, attribute in attributes_of(kind).items():
            yield FoundField(f"{path}.{name}" if path else name, _type(attribute, nullable=True))
        optional = {element.name: element.min_occurs == 0 or element.nillable for element in _elements(kind)}
        for name, (child, repeats) in self._shapes.children(kind).items():
            here = f"{path}.{name}" if path else name
            if repeats:
                continue
            if self._shapes.children(child):
                if depth < _DEEPEST:
                    yield from self._leaves(child, here, depth + 1)
            else:
                yield FoundField(here, _type(child, nullable=bool(path) or optional.get(name, True)))

    def _lists(self, kind: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
        """Elements with elements of their own that repeat within a type, by their paths."""
        for name, (child, repeats) in self._shapes.children(kind).items():
            here = f"{path}.{name}" if path else name
            if self._shapes.children(child) and repeats:
                yield here, child
            elif depth < _DEEPEST:
                yield from self._lists(child, here, depth + 1)

    def _options(self, kind: Any, meanings: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in self._leaves(kind):
            last = one.name.rpartition(".")[2]
            best = max(meanings, key=lambda option: likest(last, meanings[option]))
            if likest(last, meanings[best]) >= _GOOD:
                found.setdefault(best, one.name)
        return found


def _elements(kind: Any) -> list[Any]:
    return [element for _, element in getattr(kind, "elements", []) if isinstance(element, xsd.Element)]


def _type(kind: Any, *, nullable: bool) -> ColumnType | None:
    """The type of a simple element; None for text and numbers with a fraction, which their values tell."""
    return next((ColumnType(ours, nullable=nullable) for known, ours in _KINDS if isinstance(kind, known)), None)
