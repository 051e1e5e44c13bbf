"""Pairs of records as scoring would give them, told in words."""

from identity.comparisons import UNKNOWN
from identity.pairs import Pair
from identity.settings import MatchSettings


def degrees(settings: MatchSettings, **words: str) -> dict[str, int]:
    """Degrees by comparison: ``unknown``, or the condition of a level (``equal``, ``similar``, ``otherwise``)."""
    return {name: _degree(settings, name, word) for name, word in words.items()}


def pair_of(
    settings: MatchSettings,
    words: dict[str, str],
    left: str = "crm/c/1",
    right: str = "old/c/1",
    probability: float = 0.999,
    weight: float = 10.0,
    key: str | None = None,
) -> Pair:
    """A pair of two systems, by the names of its records; what no word is said of is unknown."""
    told = dict.fromkeys(settings.compare, UNKNOWN) | degrees(settings, **words)
    systems = (left.split("/", maxsplit=1)[0], right.split("/", maxsplit=1)[0])
    return Pair(left, right, key, probability, weight, systems, told, dict.fromkeys(settings.compare, 0.0))


def _degree(settings: MatchSettings, name: str, word: str) -> int:
    if word == "unknown":
        return UNKNOWN
    levels = settings.compare[name]
    place = next(number for number, level in enumerate(levels) if getattr(level, word) is not None)
    return len(levels) - 1 - place
