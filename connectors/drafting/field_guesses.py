"""Which field of a source fills which field of a canonical entity."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from canonical_model.record import Record
from connectors.drafting.changes import CHANGED
from connectors.drafting.phrases import AMOUNT_WORDS, FIELD_PHRASES, OWN_NUMBERS
from connectors.drafting.value_maps import MOST_WORDS, GuessedMap, guessed_map
from connectors.drafting.value_types import DECIMAL_COMMA, has_decimal_comma, pattern_of, value_at
from connectors.drafting.words import likest, words_of
from connectors.mapping.targets import TargetField, target_fields
from connectors.probing import FoundField
from rules.types import Kind

GOOD_ENOUGH = 0.5
"""A likeness below this proposes nothing."""

_READABLE_AS: Mapping[Kind, frozenset[Kind]] = {
    "text": frozenset(("text", "integer")),
    "integer": frozenset(("integer",)),
    "boolean": frozenset(("boolean",)),
    "date": frozenset(("date", "timestamp")),
    "timestamp": frozenset(("timestamp",)),
    "number": frozenset(("number", "integer", "money")),
    "money": frozenset(("money", "integer")),
}
"""Kind of the canonical field -> kinds of source fields that it can be made of."""

_SERIAL = re.compile(r"[A-Za-z]{4}[-: ]?[0-9A-Fa-f]{8}|([0-9A-Fa-f]{2}[-:]){5}[0-9A-Fa-f]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_OWN = 0.75
"""Likeness of what stands for a field by its values or its place, whatever it is called."""
_SURE = 0.8
_INNER = 0.6
"""An inner key is no number that another system knows; it is proposed only where nothing else is."""


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """A canonical field and the source's field that may fill it.

    Attributes:
        target: the canonical field.
        source: name of the source's field.
        likeness: from 0 to 1.
        values: where words have to be translated.
        pattern: form of days, local times or amounts that are text.
    """

    target: TargetField
    source: FoundField
    likeness: float
    values: GuessedMap | None = None
    pattern: str | None = None


def is_amount(field: FoundField) -> bool:
    """Whether a number of that name is money."""
    return not AMOUNT_WORDS.isdisjoint((*words_of(field.name), *words_of(field.english)))


def guessed_fields(
    entity: type[Record],
    fields: Sequence[FoundField],
    samples: Sequence[Mapping[str, Any]],
    *,
    own_words: Iterable[str] = (),
    key: Sequence[str] = (),
) -> tuple[FieldGuess, ...]:
    """The best source for each canonical field; no source field fills two, and what nothing is like is left out.

    Args:
        entity: the canonical entity.
        fields: of the source, with types.
        samples: records, for what values tell.
        own_words: of the object's name, which its fields may begin with.
        key: of the object; where it is one field it may be the entity's own number.
    """
    own = frozenset(own_words)
    found = [
        guess
        for target in target_fields(entity).values()
        for field in fields
        if (guess := _guess(entity, target, field, samples, own, tuple(key))).likeness >= GOOD_ENOUGH
    ]
    found.sort(key=lambda guess: (-guess.likeness, not guess.target.required))
    taken: dict[str, FieldGuess] = {}
    used: set[str] = set()
    for guess in found:
        if guess.target.name not in taken and guess.source.name not in used:
            taken[guess.target.name] = guess
            used.add(guess.source.name)
    return tuple(taken[name] for name in target_fields(entity) if name in taken)


def _guess(
    entity: type[Record],
    target: TargetField,
    field: FoundField,
    samples: Sequence[Mapping[str, Any]],
    own: frozenset[str],
    key: tuple[str, ...],
) -> FieldGuess:
    kind = field.type.kind if field.type else "text"
    values = [value for each in samples if isinstance(value := value_at(each, field.name), str) and value]
    pattern = _pattern(target, kind, values, is_foreign=bool(field.english))
    counts = target.kind == "money" and kind == "integer" and not is_amount(field)
    if counts or (pattern is None and kind not in _READABLE_AS[target.kind]):
        return FieldGuess(target, field, 0.0)
    phrases = (target.name, *FIELD_PHRASES.get(target.name, ()))
    names = [field.name, field.label, field.english]
    bare = [" ".join(word for word in words_of(name) if word not in own) for name in (field.name, field.english)]
    likeness = max(*(likest(name, phrases) for name in names), *(0.95 * likest(name, phrases) for name in bare))
    if field.is_reference:
        likeness *= _INNER
    if likeness < _SURE and not CHANGED.isdisjoint((*words_of(field.name), *words_of(field.english))):
        return FieldGuess(target, field, 0.0)  # it tells of the record and not of what the record is about
    if key == (field.name,) and OWN_NUMBERS.get(entity.__name__) == target.name:
        likeness = max(likeness, _OWN)
    if target.name.endswith("serial") and values and all(map(_SERIAL.fullmatch, values)):
        likeness = max(likeness, _OWN)
    if target.name == "currency":
        likeness = likeness if all(map(_CURRENCY.fullmatch, values)) else 0.0
    elif target.words:
        words = field.words or tuple(dict.fromkeys(values))
        guess = guessed_map(words[:MOST_WORDS], target.words)
        if len(words) > MOST_WORDS:
            return FieldGuess(target, field, 0.0)
        return FieldGuess(target, field, min(1.0, likeness * (0.7 + 0.3 * guess.share)), guess)
    return FieldGuess(target, field, likeness, pattern=pattern)


def _pattern(target: TargetField, kind: Kind, values: Sequence[str], *, is_foreign: bool) -> str | None:
    """The form of text that a day, a moment or an amount has to be read from."""
    if kind == "text" and target.kind == "money" and has_decimal_comma(values):
        return DECIMAL_COMMA
    if kind != "text" or target.kind not in ("date", "timestamp"):
        return None
    found = pattern_of(values, day_first=is_foreign)
    return found if found and (target.kind == "date" or "%H" in found) else None
