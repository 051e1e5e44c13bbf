"""How often a route is wrong, told by a comparison that it does not need.

All pairs are judged as if the witness (a date of birth) were unknown, and then it is heard: where both records state
it, and it is plainly another one, the link would have been wrong, or the witness is. How often the witness is wrong
itself is seen in the links that the most speaks for. Nobody has to look at a pair for that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from identity.comparisons import UNKNOWN
from identity.judgement import judge_all
from identity.pairs import Pair
from identity.settings import MatchSettings

LARGEST_SHARE = 0.001
"""Of links that may be wrong."""
_Z = 1.645
_FEWEST = 50


@dataclass(frozen=True, slots=True)
class Trial:
    """What the witness says of a route.

    Attributes:
        route: how it is called.
        heard: links of which both records state the witness.
        against: of these, where it plainly differs.
        usual: share of the surest links in which the witness differs all the same, as by a typing mistake.
    """

    route: str
    heard: int
    against: int
    usual: float

    @property
    def wrong(self) -> float:
        """Share of its links that are wrong, as far as the witness tells."""
        return max(0.0, self.against / self.heard - self.usual) if self.heard else 0.0

    @property
    def is_refuted(self) -> bool:
        """Whether it is wrong too often for chance (one-sided, 95 %)."""
        if self.heard < _FEWEST:
            return False
        share = (self.against + 0.5) / (self.heard + 1)
        return self.wrong - LARGEST_SHARE > _Z * sqrt(share * (1 - share) / self.heard)


def trials(pairs: Iterable[Pair], settings: MatchSettings) -> tuple[Trial, ...]:
    """Try every route that joins without the witness; none are tried where there is no witness.

    Args:
        pairs: every pair that was taken notice of.
        settings: routes and witness.
    """
    witness = settings.witness
    if witness is None:
        return ()
    noticed = list(pairs)
    said = {pair.names: pair.degrees.get(witness, UNKNOWN) for pair in noticed}
    blind = judge_all([pair.without(witness) for pair in noticed], settings).verdicts
    by_route: dict[str, list[bool]] = {route.called: [] for route in settings.joins_itself}
    for pair, verdict in blind:
        if verdict.state == "linked" and verdict.route in by_route and said[pair.names] != UNKNOWN:
            by_route[verdict.route].append(said[pair.names] == 0)
    # the verdicts come with what weighs most first
    surest = [
        said[pair.names] == 0
        for pair, verdict in blind
        if verdict.state == "linked" and verdict.route in by_route and said[pair.names] != UNKNOWN
    ]
    surest = surest[: max(1, len(surest) // 2)]
    usual = sum(surest) / len(surest) if surest else 0.0
    return tuple(Trial(name, len(heard), sum(heard), usual) for name, heard in by_route.items() if heard)
