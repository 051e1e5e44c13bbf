"""Which canonical entity an object holds, and which one each of its nested lists."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from canonical_model.entities import ENTITIES
from canonical_model.record import Record
from connectors.drafting.field_guesses import FieldGuess, guessed_fields, is_amount
from connectors.drafting.keys import guessed_key
from connectors.drafting.languages import Language, language_of
from connectors.drafting.phrases import ENTITY_PHRASES
from connectors.drafting.value_types import typed_fields, value_at
from connectors.drafting.words import likest, words_of
from connectors.mapping.targets import TargetField, target_fields
from connectors.probing import Description, FoundField

_FILE_ENDING = re.compile(r"\.(csv|txt|dat|xlsx|parquet)(\.gz)?$")
_IDENTIFYING = ("text", "integer")
LIKE_ENOUGH = 0.45
"""An object that is less like an entity is not mapped by a draft."""


@dataclass(frozen=True, slots=True)
class EntityGuess:
    """An entity with what may fill its fields."""

    entity: type[Record]
    fields: tuple[FieldGuess, ...]
    likeness: float

    @property
    def missing(self) -> tuple[TargetField, ...]:
        """Fields that the entity needs and nothing fills."""
        found = {guess.target.name for guess in self.fields}
        return tuple(
            target for target in target_fields(self.entity).values() if target.required and target.name not in found
        )


@dataclass(frozen=True, slots=True)
class ListGuess:
    """A nested list: fields of its elements with types, and the entity that an element may be."""

    path: str
    fields: tuple[FoundField, ...]
    guess: EntityGuess | None


@dataclass(frozen=True, slots=True)
class Guess:
    """What a draft proposes for an object.

    Attributes:
        found: the description, every field with a type.
        guess: None where the object is like no entity.
        lists: one for each nested list.
    """

    found: Description
    guess: EntityGuess | None
    lists: tuple[ListGuess, ...]


def guessed(found: Description) -> Guess:
    """Guess the types of fields, the entity, and what fills it."""
    language = language_of(
        [
            found.object,
            *(one.name for one in found.fields),
            *(one.name for fields in found.lists.values() for one in fields),
        ]
    )
    if language is not None:
        found = _in_english(found, language)
    fields = _typed(found.fields, found.samples)
    if not found.key:
        found = _with_key(found, [one.name for one in fields if one.type and one.type.kind in _IDENTIFYING])
    whole_guess = _entity(_names(found.object, language), fields, found.samples, found.key)
    taken = {whole_guess.entity} if whole_guess else set()
    lists = []
    for path, elements in found.lists.items():
        pairs = list(_elements(found.samples, path))
        typed = _typed(elements, [row for _, row in pairs])
        # an element knows what its record knows; its own fields come first
        names = {one.name for one in typed}
        beside = tuple(one for one in fields if one.name not in names)
        merged = [{**record, **row} for record, row in pairs]
        called = _names(path, language)
        lists.append(
            ListGuess(
                path,
                typed,
                _inheriting(whole_guess, names, _entity(called, (*typed, *beside), merged, (), names, taken)),
            )
        )
    return Guess(replace(found, fields=fields), whole_guess, tuple(lists))


def _inheriting(parent: EntityGuess | None, own: Collection[str], guess: EntityGuess | None) -> EntityGuess | None:
    """What an element does not say itself it has from its record, as the record's own entity has it."""
    if parent is None or guess is None:
        return guess
    known = {one.target.name: one.source for one in parent.fields}
    fields = [
        replace(one, source=known[one.target.name])
        if one.source.name not in own and one.target.name in known
        else one
        for one in guess.fields
    ]
    return replace(guess, fields=tuple(fields))


def _with_key(found: Description, names: Sequence[str]) -> Description:
    key = guessed_key(names, found.samples)
    if not key:
        return found
    told = f"Nobody tells its key; no two of {len(found.samples)} records looked at share {', '.join(key)}."
    return replace(found, key=key, notes=(*found.notes, told))


def _elements(
    samples: Sequence[Mapping[str, Any]], path: str
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each element of a list with its record."""
    for record in samples:
        listed = value_at(record, path)
        for row in listed if isinstance(listed, list) else ():
            if isinstance(row, Mapping):
                yield record, row


def _typed(fields: Sequence[FoundField], samples: Sequence[Mapping[str, Any]]) -> tuple[FoundField, ...]:
    return typed_fields(fields, samples, [one.name for one in fields if is_amount(one)])


def _in_english(found: Description, language: Language) -> Description:
    """The description, each field with its name in English beside its own."""

    def told(fields: Sequence[FoundField]) -> tuple[FoundField, ...]:
        return tuple(replace(one, english=language.english(last_part(one.name))) for one in fields)

    note = f"Its names are taken for {language.name.capitalize()}."
    lists = {path: told(fields) for path, fields in found.lists.items()}
    return replace(found, fields=told(found.fields), lists=lists, notes=(*found.notes, note))


def _names(name: str, language: Language | None) -> tuple[str, ...]:
    """What an object or a list is called: its own last name, and that in English."""
    bare = last_part(name)
    english = language.english(bare) if language else ""
    return (bare, english) if english else (bare,)


def _entity(
    called: Sequence[str],
    fields: Sequence[FoundField],
    samples: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    own: Collection[str] | None = None,
    but: Collection[type[Record]] = (),
) -> EntityGuess | None:
    """The likest entity: by the object's name, and by how much of what the entity needs can be filled.

    Args:
        called: names of the object or list.
        fields: with types.
        samples: records.
        key: of the object; empty for a list.
        own: names of the fields that are an element's own, some of which the entity must use; None for an object.
        but: entities that it is not.
    """
    found = []
    for entity_name, entity in ENTITIES.items():
        if entity in but:
            continue
        by_name = max(likest(name, (entity_name, *ENTITY_PHRASES[entity_name])) for name in called)
        prefix = [word for name in called for word in words_of(name)] if by_name >= LIKE_ENOUGH else ()
        guesses = guessed_fields(entity, fields, samples, own_words=prefix, key=key)
        if own is not None and not any(guess.source.name in own for guess in guesses):
            continue
        needed = [target.name for target in target_fields(entity).values() if target.required]
        filled = sum(guess.likeness for guess in guesses if guess.target.name in needed) / len(needed)
        found.append(EntityGuess(entity, guesses, 0.5 * by_name + 0.5 * filled + 0.01 * len(guesses)))
    best = max(found, key=lambda guess: guess.likeness, default=None)
    return best if best and best.likeness >= LIKE_ENOUGH else None


def last_part(name: str) -> str:
    """``bill`` of ``billing.bill``, ``bill-lines`` of ``v1/bill-lines``, ``lines-`` of ``lines-*.csv``."""
    plain = _FILE_ENDING.sub("", name.rpartition("/")[2]).partition("*")[0]
    return plain.rpartition(".")[2] or name
