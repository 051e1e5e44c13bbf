"""Who else could be meant: a pair that shares only what others share as well is one only where there are no others.

A father and a son of one name share address and telephone; what tells that there are two is that one system knows
both. Whoever has his own counterpart already is nobody's rival any more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from identity.comparisons import UNKNOWN, agrees
from identity.groups import BY_A_PERSON, group
from identity.pairs import Names, Pair
from identity.settings import MatchSettings, Rivals

Objection = tuple[str, str]
"""A reason with the name of the record that is in the way, and without."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What persons said: pairs that are one, and pairs that are two."""

    accepted: Collection[Names] = ()
    apart: Collection[Names] = ()


NOTHING_HEARD = Heard()


def differ(pair: Pair, comparisons: Iterable[str], settings: MatchSettings) -> list[str]:
    """Of these comparisons those in which the two plainly differ."""
    return [name for name in comparisons if pair.degrees.get(name, UNKNOWN) == 0 and name in settings.compare]


class Surroundings:
    """What is known of the records around a pair.

    Attributes:
        kept_apart: pairs that do not come together over a third record, each with the reason.
    """

    def __init__(self, pairs: Iterable[Pair], firm: Iterable[Names], settings: MatchSettings, heard: Heard) -> None:
        """Take everything in.

        Args:
            pairs: all that were taken notice of.
            firm: those that join whoever else is there, the most trusted first.
            settings: who is a rival, and who is never one with whom.
            heard: what persons said.
        """
        self._systems: dict[str, str] = {}
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        self._different: dict[Names, str] = {}
        self._parted = {tuple(sorted(names)) for names in heard.apart}
        joined = [*heard.accepted, *firm]
        for pair in pairs:
            self._systems.update(zip(pair.names, pair.systems, strict=True))
            if settings.rivals is not None and _is_like(pair, settings.rivals, settings):
                self._near[pair.left].add(pair.right)
                self._near[pair.right].add(pair.left)
            if differing := differ(pair, settings.never_together, settings):
                self._different[pair.names] = f"which are different in {', '.join(differing)}"
        for names in joined:
            self._different.pop(names, None)  # what is said to be one may differ all the same
        self.kept_apart: dict[Names, str] = {**self._different, **dict.fromkeys(heard.apart, BY_A_PERSON)}
        groups = group(joined, self.kept_apart, settings.largest_group).groups
        self._one_with = {name: frozenset(names) for names in groups for name in names}

    def objections(self, pair: Pair) -> Iterator[Objection]:
        """What keeps a pair from being one: a record that could be meant as well, or that is another."""
        if pair.systems[0] == pair.systems[1]:
            yield f"{pair.systems[0]} has both of them", "one system has both of them"
        left, right = (self._group(name) for name in pair.names)
        for one in sorted(left):
            for other in sorted(right):
                if said := self._different.get((min(one, other), max(one, other))):
                    yield f"it would make {one} and {other} one, {said}", f"it would make two one, {said}"
        for name in pair.names:
            for rival in sorted(self._near[name] - left - right):
                is_two = tuple(sorted((name, rival))) in self._parted
                if not is_two and not self._has_in(rival, self._systems[name]):
                    yield f"{rival} could be meant as well", "another record could be meant as well"

    def has_partner(self, pair: Pair) -> bool:
        """Whether one of the two is already one with another record of the other's system."""
        one, other = pair.names
        return self._has_in(one, self._systems[other]) or self._has_in(other, self._systems[one])

    def _has_in(self, name: str, system: str) -> bool:
        return any(self._systems.get(each) == system for each in self._group(name) if each != name)

    def _group(self, name: str) -> frozenset[str]:
        return self._one_with.get(name) or frozenset((name,))


def _is_like(pair: Pair, rivals: Rivals, settings: MatchSettings) -> bool:
    if differ(pair, rivals.none_differ, settings):
        return False
    return any(agrees(settings.compare[name], pair.degrees.get(name, UNKNOWN)) for name in rivals.one_of)
