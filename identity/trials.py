"""How often a route is wrong, told by a comparison that it does not need.

All pairs are judged as if the witness (a date of birth) were unknown, and then it is heard: where both records state
it, and it is plainly another one, the link would have been wrong, or the witness is. How often the witness is wrong
itself is seen in the links that the most speaks for. Nobody has to look at a pair for that.

What counts is the whole: a route that is wrong once in three hundred does no harm where it makes a tenth of links.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from identity.comparisons import UNKNOWN
from identity.judgement import judge_all
from identity.pairs import Pair
from identity.settings import MatchSettings

LARGEST_SHARE = 0.001
"""Of all links that may be wrong."""
LARGEST_SHARE_OF_ROUTE = 0.01
"""Of the links of one route, however few they are."""
_Z = 1.645
_FEWEST = 50


@dataclass(frozen=True, slots=True)
class Trial:
    """What the witness says of a route.

    Attributes:
        route: how it is called.
        heard: links that it would make without the witness, and of which both records state it.
        against: of these, where it plainly differs.
        usual: share of the surest links in which the witness differs all the same, as by a typing mistake.
        untold: links that it makes of records of which one does not state the witness.
        is_refuted: whether it is wrong too often, for all links together or for itself, and more than chance explains
            (one-sided, 95 %).
    """

    route: str
    heard: int
    against: int
    usual: float
    untold: int = 0
    is_refuted: bool = False

    @property
    def wrong(self) -> float:
        """Share of its links that are wrong, as far as the witness tells."""
        return max(0.0, self.against / self.heard - self.usual) if self.heard else 0.0

    @property
    def surely_wrong(self) -> float:
        """The share that chance does not explain; none where too few were heard."""
        if self.heard < _FEWEST:
            return 0.0
        share = (self.against + 0.5) / (self.heard + 1)
        return max(0.0, self.wrong - _Z * sqrt(share * (1 - share) / self.heard))


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
    blind = [
        (verdict.route, said[pair.names] == 0)
        for pair, verdict in judge_all([pair.without(witness) for pair in noticed], settings).verdicts
        if verdict.state == "linked" and verdict.route is not None and said[pair.names] != UNKNOWN
    ]
    made = [
        (verdict.route, said[pair.names])
        for pair, verdict in judge_all(noticed, settings).verdicts
        if verdict.state == "linked" and verdict.route is not None
    ]
    # the verdicts come with what weighs most first
    surest = [is_against for _, is_against in blind][: max(1, len(blind) // 2)]
    usual = sum(surest) / len(surest) if surest else 0.0
    heard, against = Counter(route for route, _ in blind), Counter(route for route, said_no in blind if said_no)
    untold = Counter(route for route, degree in made if degree == UNKNOWN)
    routes = (route.called for route in settings.joins_itself)
    found = [Trial(name, heard[name], against[name], usual, untold[name]) for name in routes if heard[name]]
    return refuted(found, len(made))


def refuted(found: Sequence[Trial], links: int) -> tuple[Trial, ...]:
    """The trials, those marked that have to go so that the rest is right often enough: the most wrong first.

    Args:
        found: what the witness says of each route.
        links: how many all routes make, those that need the witness too.
    """
    out = {trial.route for trial in found if trial.surely_wrong > LARGEST_SHARE_OF_ROUTE}
    left = sorted((trial for trial in found if trial.route not in out), key=lambda trial: trial.surely_wrong)
    while left and sum(trial.surely_wrong * trial.untold for trial in left) > LARGEST_SHARE * links:
        out.add(left.pop().route)
    return tuple(replace(trial, is_refuted=trial.route in out) for trial in found)
