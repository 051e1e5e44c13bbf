"""What a canonical entity wants of a mapping, read off its pydantic fields."""

import types
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime

from canonical_model.money import MINOR_DIGITS
from canonical_model.record import Record
from rules.types import Kind

SET_BY_THE_ENGINE = ("market", "source_system", "source_object", "source_id")
MONEY_SCALES = frozenset(MINOR_DIGITS.values())

_KINDS: dict[object, Kind] = {
    str: "text",
    int: "integer",
    bool: "boolean",
    float: "number",
    date: "date",
    AwareDatetime: "timestamp",
}


@dataclass(frozen=True, slots=True)
class TargetField:
    """One field of an entity.

    Attributes:
        kind: what it holds; ``money`` for amounts in minor units.
        nullable: whether it may be missing.
        required: whether a mapping must give it.
        words: the only texts it takes; empty for any.
    """

    name: str
    kind: Kind
    nullable: bool
    required: bool
    words: tuple[str, ...] = ()


@cache
def target_fields(entity: type[Record]) -> dict[str, TargetField]:
    """The fields that a mapping of this entity may give, by name."""
    found = {}
    for name, info in entity.model_fields.items():
        if name not in SET_BY_THE_ENGINE:
            plain, nullable = _without_none(info.annotation)
            kind = "money" if name.endswith("_minor") else _KINDS[_bare(plain)]
            words = tuple(sorted(MINOR_DIGITS)) if name == "currency" else _words(plain)
            found[name] = TargetField(name, kind, nullable, info.is_required(), words)
    return found


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    (plain,) = (member for member in get_args(annotation) if member is not type(None))
    return plain, True


def _bare(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bare(get_args(annotation)[0])
    return str if origin is Literal else annotation


def _words(annotation: Any) -> tuple[str, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()
