"""Names of columns in other languages than English, in the words of the canonical model.

A language is a file of ``languages/``. Which one a system speaks is told by how many of its words are in each; the
same word may mean different things (a Spanish ``nombre`` is a name, a French one a number), so that one language is
chosen for all names of an object.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from connectors.drafting.phrases import ENTITY_PHRASES, FIELD_PHRASES
from connectors.drafting.words import SHORT_FORMS, WORD

_UMLAUT = re.compile("[äöüßÄÖÜ]")
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
FEWEST_WORDS = 2
"""So many different words of a language, that English has not, must be among the names."""
_SHORTEST_PART = 3
_SHORT_TAILS = frozenset(("nr", "id"))


@dataclass(frozen=True, slots=True)
class Language:
    """What a file says.

    Attributes:
        name: the file's stem.
        joints: what may stand between the parts of a compound word.
        words: a word of a name -> English words, none for one that says nothing.
        values: a word of a status -> words of the canonical model that it may mean.
    """

    name: str
    joints: tuple[str, ...]
    words: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]

    def english(self, name: str) -> str:
        """A name in English as far as it is understood; empty where nothing of it is."""
        tokens = tokens_of(name)
        parts = [self._parts(each) for each in tokens]
        if not any(parts):
            return ""
        told = ([each] if part is None else part for each, part in zip(tokens, parts, strict=True))
        return " ".join(word for part in told for word in part)

    def count(self, names: Iterable[str]) -> int:
        """How many different words of the names are of this language and not English."""
        tokens = {each for name in names for each in tokens_of(name)} - english_words()
        return sum(len(each) >= _SHORTEST_PART and bool(self._parts(each)) for each in tokens)

    def _parts(self, word: str) -> list[str] | None:
        """English words of a word, or of the parts of a compound one; None where it is not understood."""
        for joint in ("", *self.joints):
            bare = word.removesuffix(joint)
            if bare in self.words and (bare == word or len(bare) >= _SHORTEST_PART):
                return self.words[bare].split()
        return self._taken_apart(word) if self.joints else None

    def _taken_apart(self, word: str) -> list[str] | None:
        for end in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            head, tail = word[:end], word[end:]
            if head not in self.words:
                continue
            for joint in ("", *self.joints):
                rest = tail.removeprefix(joint) if tail.startswith(joint) else ""
                if (behind := self._tail(rest)) is not None:
                    return [*self.words[head].split(), *behind]
        return None

    def _tail(self, rest: str) -> list[str] | None:
        if rest in _SHORT_TAILS:
            return [rest]
        return self._parts(rest) if len(rest) >= _SHORTEST_PART else None


def folded(text: str) -> str:
    """Text in plain letters: ``Straße`` is ``Strasse``, ``número`` is ``numero``."""
    plain = unicodedata.normalize("NFKD", _UMLAUT.sub(_spelled, unicodedata.normalize("NFC", text)))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _spelled(found: re.Match[str]) -> str:
    plain, behind = _SPELLED[found[0].lower()], found.string[found.end() : found.end() + 1]
    if found[0].islower():
        return plain
    return plain.capitalize() if behind.islower() else plain.upper()


def tokens_of(name: str) -> list[str]:
    """The words of a name in any spelling, folded, in small letters."""
    return [word.lower() for word in WORD.findall(folded(name))]


def language_of(names: Iterable[str]) -> Language | None:
    """The language that names are in; None where they are English, or in none that is known."""
    listed = tuple(names)
    best = max(languages(), key=lambda language: language.count(listed), default=None)
    return best if best is not None and best.count(listed) >= FEWEST_WORDS else None


def meant_by(value: str) -> tuple[str, ...]:
    """Words of the canonical model that a status in any of the languages may mean, the likeliest first."""
    words = tokens_of(value)
    told = [meaning for language in languages() for word in words for meaning in language.values.get(word, ())]
    return tuple(dict.fromkeys(told))


@cache
def english_words() -> frozenset[str]:
    """Words that say nothing of the language, since English names have them too."""
    spoken = [*FIELD_PHRASES, *ENTITY_PHRASES, *(one for told in FIELD_PHRASES.values() for one in told)]
    spoken += [one for told in ENTITY_PHRASES.values() for one in told]
    return frozenset(each for name in spoken for each in tokens_of(name)) | SHORT_FORMS


@cache
def languages() -> tuple[Language, ...]:
    """Every language there is a file of, by name."""
    folder = files("connectors.drafting").joinpath("languages")
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(_read(entry.name, yaml.safe_load(entry.read_text(encoding="utf-8"))) for entry in found)


def _read(file: str, told: Mapping[str, Any]) -> Language:
    words = {str(word): str(meaning) for word, meaning in told["words"].items()}
    values = {str(word): tuple(map(str, meanings)) for word, meanings in told["values"].items()}
    return Language(file.removesuffix(".yaml"), tuple(map(str, told["joints"])), words, values)
