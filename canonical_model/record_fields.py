"""The few kinds of value that a canonical record holds, read off its pydantic fields."""

import types
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime

from canonical_model.record import Record

Kind = Literal["text", "integer", "boolean", "real", "day", "instant"]

_KINDS: dict[object, Kind] = {
    str: "text",
    int: "integer",
    bool: "boolean",
    float: "real",
    date: "day",
    AwareDatetime: "instant",
}


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a canonical record."""

    name: str
    kind: Kind
    nullable: bool


@cache
def fields_of(entity: type[Record]) -> tuple[RecordField, ...]:
    """The fields of an entity, in the model's order.

    Raises:
        TypeError: a field that no flat row can hold.
    """
    fields = []
    for name, info in entity.model_fields.items():
        plain, nullable = _without_none(info.annotation)
        try:
            fields.append(RecordField(name, _kind(plain), nullable))
        except TypeError as error:
            raise TypeError(f"{entity.__name__}.{name}: {error}") from None
    return tuple(fields)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    members = [member for member in get_args(annotation) if member is not type(None)]
    return (members[0] if len(members) == 1 else annotation), len(members) < len(get_args(annotation))


def _kind(annotation: Any) -> Kind:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin is Literal and all(isinstance(word, str) for word in get_args(annotation)):
        return "text"
    if annotation not in _KINDS:
        raise TypeError(f"{annotation} is none of text, integer, boolean, real, day and instant")
    return _KINDS[annotation]
