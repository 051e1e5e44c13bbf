"""Which fields may identify a record, where nobody says."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from connectors.drafting.value_types import pattern_of, value_at

FEWEST_SAMPLES = 3
"""Of fewer records anything is unique."""
LONGEST = 60
MOST_TOGETHER = 3
MOST_FIELDS = 12


def guessed_key(fields: Sequence[str], samples: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The fewest fields, early ones first, that no two samples share; empty where none do or samples are few.

    Only whole numbers and text identify a record; amounts and moments may be unique by accident.
    """
    if len(samples) < FEWEST_SAMPLES:
        return ()
    usable = [name for name in fields if all(_may_identify(value_at(each, name)) for each in samples)][:MOST_FIELDS]
    for size in range(1, MOST_TOGETHER + 1):
        for names in combinations(usable, size):
            if len({tuple(value_at(each, name) for name in names) for each in samples}) == len(samples):
                return names
    return ()


def _may_identify(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value) and len(value) <= LONGEST and pattern_of([value]) is None
    return isinstance(value, int) and not isinstance(value, bool)
