"""Pairs of records that may be the same, with what speaks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from identity.comparisons import UNKNOWN, label_of
from identity.settings import MatchSettings

Basis = Literal["key", "score"]
Names = tuple[str, str]
"""Two records, the lesser name first."""
_MOST_BITS = 1_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the lesser name first.

    Attributes:
        left, right: names of the records, ``system/object/id``.
        key: the columns of the exact key that joins them, as ``account_number``; None where none does.
        probability: between 0 and 1; None where only a key speaks for it.
        weight: base-2 logarithm of the odds; None likewise.
        systems: which systems they are of.
        degrees: by comparison, -1 unknown, 0 different, more is nearer.
        weights: by comparison, what it adds to ``weight``; ``prior`` is what no comparison adds.
    """

    left: str
    right: str
    key: str | None = None
    probability: float | None = None
    weight: float | None = None
    systems: tuple[str, str] = ("", "")
    degrees: Mapping[str, int] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """The two records."""
        return self.left, self.right

    def without(self, comparison: str) -> "Pair":
        """The pair as it would be if a comparison were unknown."""
        if self.degrees.get(comparison, UNKNOWN) == UNKNOWN:
            return self
        degrees = {**self.degrees, comparison: UNKNOWN}
        if self.weight is None:
            return replace(self, degrees=degrees)
        weight = self.weight - self.weights.get(comparison, 0.0)
        weights = {**self.weights, comparison: 0.0}
        probability = 1 / (1 + 2 ** -max(min(weight, _MOST_BITS), -_MOST_BITS))
        return replace(self, probability=probability, weight=weight, degrees=degrees, weights=weights)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of an explanation.

    Attributes:
        comparison: its name, or ``prior``.
        found: how far the two agree, in words.
        weight: what it adds to the pair's weight; None where nothing was scored.
    """

    comparison: str
    found: str
    weight: float | None


def evidence_of(pair: Pair, settings: MatchSettings) -> tuple[Evidence, ...]:
    """Why a pair has its score: every comparison with its weight, what weighs most first."""
    lines = [
        Evidence(name, _found(settings, name, degree), pair.weights.get(name))
        for name, degree in pair.degrees.items()
    ]
    if "prior" in pair.weights:
        lines.append(Evidence("prior", "how rare a pair of one subject is among all pairs", pair.weights["prior"]))
    return tuple(sorted(lines, key=lambda line: -abs(line.weight or 0)))


def _found(settings: MatchSettings, name: str, degree: int) -> str:
    levels = settings.compare[name]
    return "unknown" if degree == UNKNOWN else label_of(levels[len(levels) - 1 - degree])


def key_name(columns: tuple[str, ...]) -> str:
    """What an exact key is called."""
    return ", ".join(columns)
