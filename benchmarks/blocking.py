"""True pairs that a run neither joined nor asked about, and where they were lost."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pyarrow as pa

from identity.judgement import Judged
from identity.settings import MatchSettings


@dataclass(frozen=True, slots=True)
class Lost:
    """Pairs of one subject.

    Attributes:
        pairs: all of them.
        in_blocking: they share no block, and were never compared.
        left_out: they are of a record about which there are too many questions.
        in_scoring: they were compared, and what was found was too little, or spoke against them.
    """

    pairs: int
    in_blocking: int
    in_scoring: int
    left_out: int


def lost_pairs(records: pa.Table, settings: MatchSettings, subjects: Mapping[str, Hashable], judged: Judged) -> Lost:
    """Count what a run lost.

    Args:
        records: as they were compared.
        settings: whose blocks were used.
        subjects: whom or what each record is of.
        judged: what the run came to.
    """
    rows = {row["record"]: row for row in records.to_pylist()}
    reached = {pair.names for pair, _ in judged.verdicts}
    pairs = in_blocking = in_scoring = left_out = 0
    for left, right in _pairs(subjects):
        pairs += 1
        if (left, right) in reached:
            continue
        if not any(_shares(rows[left], rows[right], block) for block in settings.block_on):
            in_blocking += 1
        elif left in judged.crowded or right in judged.crowded:
            left_out += 1
        else:
            in_scoring += 1
    return Lost(pairs, in_blocking, in_scoring, left_out)


def _pairs(subjects: Mapping[str, Hashable]) -> Iterator[tuple[str, str]]:
    groups: defaultdict[Hashable, list[str]] = defaultdict(list)
    for record, subject in subjects.items():
        groups[subject].append(record)
    for names in groups.values():
        yield from combinations(sorted(names), 2)


def _shares(left: dict[str, Any], right: dict[str, Any], block: tuple[str, ...]) -> bool:
    return all(left[name] is not None and left[name] == right[name] for name in block)
