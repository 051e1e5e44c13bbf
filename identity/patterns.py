"""Questions of one kind: what agrees, what differs, what is unknown, and why a person is asked.

Whoever has seen twenty questions of a pattern may answer the other two hundred at once.
"""

import hashlib

from identity.comparisons import UNKNOWN, agrees
from identity.judgement import Verdict
from identity.pairs import Pair
from identity.settings import MatchSettings

_ID_LENGTH = 6


def pattern_of(pair: Pair, verdict: Verdict, settings: MatchSettings) -> str:
    """The pattern in words, the same for every pair that agrees and differs in the same comparisons."""
    found: dict[str, list[str]] = {"agree": [], "near": [], "differ": [], "unknown": []}
    for name, degree in pair.degrees.items():
        found[_word(name, degree, settings)].append(name)
    told = [f"{word}: {', '.join(names)}" for word, names in found.items() if names]
    return "; ".join([f"{verdict.kind}", *told])


def pattern_id(subject: str, pattern: str) -> str:
    """Six characters by which a person names a pattern."""
    return hashlib.sha256(f"{subject}/{pattern}".encode()).hexdigest()[:_ID_LENGTH]


def _word(name: str, degree: int, settings: MatchSettings) -> str:
    if degree == UNKNOWN:
        return "unknown"
    if agrees(settings.compare[name], degree):
        return "agree"
    return "near" if degree > 0 else "differ"
