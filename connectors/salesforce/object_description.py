"""What an org tells of an object: its fields with their types, its parents, and how that differs from last time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.settings import near

Describe = Callable[[str], "ObjectDescription | None"]


@dataclass(frozen=True, slots=True)
class ObjectDescription:
    """An object.

    Attributes:
        name: of the object.
        fields: type of each field, in the org's words.
        parents: the object behind each relationship; where it may be one of several, the first.
    """

    name: str
    fields: Mapping[str, str]
    parents: Mapping[str, str]

    @property
    def names(self) -> set[str]:
        """What may stand at the beginning of a path."""
        return {*self.fields, *self.parents}


def described(told: Any) -> ObjectDescription | None:
    """Read the answer of ``sobjects/NAME/describe``; None where it tells no fields."""
    listed = told.get("fields") if isinstance(told, dict) else None
    fields = [field for field in listed or () if isinstance(field, dict) and field.get("name")]
    if not fields:
        return None
    return ObjectDescription(
        str(told.get("name", "")),
        {field["name"]: str(field.get("type", "")) for field in fields},
        {
            field["relationshipName"]: field["referenceTo"][0]
            for field in fields
            if field.get("relationshipName") and field.get("referenceTo")
        },
    )


def kinds_of(paths: Iterable[str], start: ObjectDescription, describe: Describe) -> dict[str, str]:
    """The type of each path that leads to a field; others are left out. Asks for the parents on the way."""
    found = {}
    for path in paths:
        *steps, field = path.split(".")
        at: ObjectDescription | None = start
        for step in steps:
            parent = at.parents.get(step) if at else None
            at = describe(parent) if parent else None
        if at is not None and field in at.fields:
            found[path] = at.fields[field]
    return found


def without_field(paths: Iterable[str], known: ObjectDescription) -> str:
    """Words for the paths that begin with no field and no parent of the object, empty where all do."""
    gone = sorted({path for path in paths if path.partition(".")[0] not in known.names})
    return "; ".join(
        f"{path} does not exist, or is hidden from the login{near(path.partition('.')[0], known.names)}"
        for path in gone
    )


def changes(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What changed in the fields of an object since the last pull, a sentence for each kind of change."""
    if not before:
        return []
    told = []
    if new := sorted(now.keys() - before.keys()):
        told.append(f"{name} has new fields since the last pull: {', '.join(new)}")
    if gone := sorted(before.keys() - now.keys()):
        told.append(f"{name} has lost fields since the last pull, or hides them: {', '.join(gone)}")
    retyped = [
        f"{field} from {kind} to {now[field]}" for field, kind in before.items() if now.get(field, kind) != kind
    ]
    if retyped:
        told.append(f"{name} has fields of another type since the last pull: {', '.join(sorted(retyped))}")
    return told
