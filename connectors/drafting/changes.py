"""Which field of an object grows with each change, and which one marks what was deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.drafting.languages import language_of
from connectors.drafting.value_types import type_of, value_at
from connectors.drafting.words import words_of
from connectors.probing import FoundField
from rules.types import Kind

CHANGED = frozenset(("updated", "changed", "modified", "update", "change", "modification"))
DELETED = frozenset(("deleted", "removed"))
_COUNTED = frozenset(("number", "position", "version", "stamp"))
_SAY_NOTHING = CHANGED | _COUNTED | frozenset(("at", "date", "time", "on", "last", "system", "in"))
_RANKS: Mapping[Kind, int] = {"timestamp": 0, "date": 1, "integer": 2}
"""Kinds that a cursor may have, the best first."""


def changing_field(fields: Sequence[FoundField], samples: Sequence[Mapping[str, Any]] = ()) -> str | None:
    """The field that grows with each change; None where none seems to.

    It is called so, and holds moments, days or a counter; of several that one whose name says nothing else, so that
    ``modified`` comes before ``status_changed``. A field inside something nested can be no cursor.

    Args:
        fields: of the object; one without a type is judged by its values.
        samples: records.
    """
    names = in_english([one.name for one in fields])
    found = []
    for place, one in enumerate(fields):
        words = frozenset(words_of(names[one.name]))
        kind = one.type.kind if one.type else type_of([value_at(each, one.name) for each in samples], False).kind
        counts = kind == "integer" and words.isdisjoint(_COUNTED)
        if "." in one.name or words.isdisjoint(CHANGED) or kind not in _RANKS or counts:
            continue
        found.append((_RANKS[kind], len(words - _SAY_NOTHING), place, one.name))
    return min(found)[-1] if found else None


def deletion_mark(fields: Sequence[FoundField]) -> FoundField | None:
    """The first field that seems to mark what was deleted."""
    names = in_english([one.name for one in fields])
    return next((one for one in fields if not DELETED.isdisjoint(words_of(names[one.name]))), None)


def in_english(names: Sequence[str]) -> dict[str, str]:
    """Each name in English, or as it is."""
    language = language_of(names)
    return {name: (language.english(name) if language else "") or name for name in names}
