"""The words of a source, matched with those that a canonical field takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.drafting.languages import meant_by
from connectors.drafting.phrases import WORD_MEANINGS
from connectors.drafting.words import words_of

SHORTEST_BEGINNING = 3
MOST_WORDS = 40
"""A field with more different values is no status."""


@dataclass(frozen=True, slots=True)
class GuessedMap:
    """A value map as far as it can be guessed.

    Attributes:
        values: the source's word -> ours.
        unclear: words of the source that mean nothing known.
    """

    values: Mapping[str, str]
    unclear: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the words that are understood."""
        known = len(self.values)
        return known / (known + len(self.unclear)) if known else 0.0


def guessed_map(theirs: Sequence[str], ours: Sequence[str]) -> GuessedMap:
    """Match each word of the source with the word of ours that says the same, where one does."""
    found = {word: _meaning(word, ours) for word in dict.fromkeys(theirs)}
    return GuessedMap(
        {word: meaning for word, meaning in found.items() if meaning},
        tuple(word for word, meaning in found.items() if not meaning),
    )


def _meaning(word: str, ours: Sequence[str]) -> str | None:
    plain = _plain(word)
    for one in ours:
        if plain == _plain(one) or word.lower() == one.lower():
            return one
    for one in ours:
        if plain in WORD_MEANINGS.get(one, ()):
            return one
    for meaning in meant_by(word):
        if meaning in ours:
            return meaning
    if len(plain) < SHORTEST_BEGINNING:
        return None
    begins = [one for one in ours if _plain(one).startswith(plain) or plain.startswith(_plain(one))]
    return begins[0] if len(begins) == 1 else None


def _plain(word: str) -> str:
    # the words as they stand: meanings such as "status" for "state" are of names, not of values
    return " ".join(words_of(word)) if "_" in word or any(map(str.islower, word)) else word.lower().replace("_", " ")
