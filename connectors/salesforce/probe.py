"""What an org tells of itself: its objects, their fields, and the children that are parts of a record."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.drafting.words import words_of
from connectors.ports import Source
from connectors.probing import Description, FoundField, FoundObject, sampled
from connectors.salesforce.org import Org
from connectors.settings import near
from rules.types import ColumnType, Kind

_CURSOR = "SystemModstamp"
_KINDS: Mapping[str, Kind] = {
    "boolean": "boolean",
    "int": "integer",
    "long": "integer",
    "double": "number",
    "percent": "number",
    "currency": "money",
    "date": "date",
    "datetime": "timestamp",
}
_UNREADABLE = frozenset(("address", "location", "base64", "complexvalue", "anyType", "json"))
_HOUSEKEEPING = frozenset(
    ("CreatedById", "LastModifiedById", "LastModifiedDate", "LastViewedDate", "LastReferencedDate", "IsDeleted")
)
"""Fields of every object that say nothing about the business."""
_LARGEST_SCALE = 4


class SalesforceProbe:
    """Looks around in one org."""

    def __init__(self, source: Source, org: Org) -> None:
        self._source = source
        self._org = org

    def objects(self) -> Sequence[FoundObject]:
        """What may be queried, with its label."""
        told = _listed(self._org.ask("sobjects/", "list objects"), "sobjects")
        return [FoundObject(one["name"], str(one.get("label", ""))) for one in told if one.get("queryable", True)]

    def describe(self, name: str, limit: int) -> Description:
        """See ``connectors.probing.Probe``."""
        known = [one.name for one in self.objects()]
        if name not in known:
            raise ConfigurationError(f"the org shows no object {name}{near(name, known)}")
        told = self._told(name)
        fields = _fields(told)
        parts, others = _children(name, told)
        lists = {path: _parts_fields(self._told(child), back) for path, (child, back) in parts.items()}
        has_cursor = any(one.name == _CURSOR for one in fields)
        notes = []
        if lists and has_cursor:
            notes.append(
                f"{_CURSOR} grows with each change; as a cursor it needs options.children_touch_parent: true."
            )
        if others:
            notes.append(f"Other lists of its children: {', '.join(others)}.")
        found = Description(
            name,
            (*fields, *(FoundField(path) for path in lists)),
            ("Id",),
            _CURSOR if has_cursor and not lists else None,
            lists,
            notes=tuple(notes),
        )
        return sampled(self._source, found, limit)

    def close(self) -> None:
        """Close the connections."""
        self._source.close()
        self._org.close()

    def _told(self, name: str) -> Mapping[str, Any]:
        told = self._org.ask(f"sobjects/{name}/describe", f"describe {name}")
        return told if isinstance(told, Mapping) else {}


def _fields(told: Mapping[str, Any]) -> tuple[FoundField, ...]:
    return tuple(
        FoundField(
            one["name"], _type(one), str(one.get("label") or ""), _words(one), one.get("type") in {"id", "reference"}
        )
        for one in _listed(told, "fields")
        if one.get("type") not in _UNREADABLE and one["name"] not in _HOUSEKEEPING
    )


def _parts_fields(told: Mapping[str, Any], back: str) -> tuple[FoundField, ...]:
    """Fields of an element; what leads back to its record says nothing new."""
    return tuple(one for one in _fields(told) if one.name not in {back, _CURSOR, "CreatedDate"})


def _children(name: str, told: Mapping[str, Any]) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Children that are deleted with the record and called after it, by relationship; names of the other ones."""
    parts, others, own = {}, [], words_of(name)
    for one in _listed(told, "childRelationships"):
        path, child = one.get("relationshipName"), one.get("childSObject")
        if not path or not child:
            continue
        if one.get("cascadeDelete") and words_of(child)[: len(own)] == own and child != name:
            parts[path] = (child, str(one.get("field", "")))
        else:
            others.append(path)
    return parts, others


def _type(one: Mapping[str, Any]) -> ColumnType:
    kind = _KINDS.get(str(one.get("type")), "text")
    nullable = bool(one.get("nillable", True))
    scale = one.get("scale")
    if kind == "money":
        return ColumnType("money", scale if isinstance(scale, int) and scale <= _LARGEST_SCALE else 2, nullable)
    if kind == "number" and scale == 0:
        return ColumnType("integer", nullable=nullable)
    return ColumnType(kind, nullable=nullable)


def _words(one: Mapping[str, Any]) -> tuple[str, ...]:
    values = one.get("picklistValues") or ()
    return tuple(str(each["value"]) for each in values if isinstance(each, Mapping) and each.get("active", True))


def _listed(told: Any, name: str) -> Iterable[Mapping[str, Any]]:
    listed = told.get(name) if isinstance(told, Mapping) else None
    return [one for one in listed or () if isinstance(one, Mapping)]
