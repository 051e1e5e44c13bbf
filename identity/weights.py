"""What was learnt about how records of one subject agree: stored, and used until it is learnt anew.

With the same weights a pair has the same score every night, however many records come and go around it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import log, log2
from typing import Any

from identity.pairs import Pair
from identity.settings import MatchSettings
from identity.trials import Trial

Shares = tuple[float, float]
"""Of records of one subject, and of records of different ones, that agree to a degree."""

LARGE_CHANGE_BITS = 2.0
LARGE_SHIFT = 0.25
"""Of the population stability index; above it a distribution is commonly called another one."""
_LEAST_SHARE = 0.0005


@dataclass(frozen=True, slots=True)
class Weights:
    """What a learning came to.

    Attributes:
        records: how many it learnt from.
        settings_version: of the settings for which it holds.
        fitting: of what is compared, so that weights are not applied to other comparisons.
        prior: share of all pairs that are the same.
        shares: by comparison, for each of its levels in their order.
        frequencies: by column whose rare values count more, how frequent its values are; one that is missing is as
            rare as can be.
        degrees: by comparison, how often each degree was met among the pairs that were worth a look, to see later
            whether the records are still of the kind that was learnt from.
        trials: what the witness said of each route.
    """

    records: int
    settings_version: int
    fitting: str
    prior: float
    shares: Mapping[str, tuple[Shares, ...]]
    frequencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    degrees: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()

    @property
    def distrusted(self) -> frozenset[str]:
        """Routes that the witness speaks against: what they would join is asked about."""
        return frozenset(trial.route for trial in self.trials if trial.is_refuted)

    def fits(self, settings: MatchSettings) -> bool:
        """Whether these weights speak of the comparisons of these settings."""
        return self.fitting == fitting_of(settings)


def fitting_of(settings: MatchSettings) -> str:
    """A digest of what weights depend on: levels, and which pairs are compared."""
    told = settings.model_dump(mode="json", include={"subject", "compare", "block_on", "most_sharing", "train"})
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def to_json(weights: Weights) -> str:
    """Weights as text."""
    return json.dumps(asdict(weights), sort_keys=True)


def from_json(text: str) -> Weights:
    """Weights from text."""
    told: dict[str, Any] = json.loads(text)
    shares = {name: tuple((m, u) for m, u in levels) for name, levels in told["shares"].items()}
    degrees = {name: {int(one): share for one, share in each.items()} for name, each in told["degrees"].items()}
    trials = tuple(Trial(**trial) for trial in told["trials"])
    return Weights(**{**told, "shares": shares, "degrees": degrees, "trials": trials})


@dataclass(frozen=True, slots=True)
class Change:
    """How the weight of a level differs between two learnings, in bits."""

    comparison: str
    level: int
    before: float
    after: float

    @property
    def bits(self) -> float:
        """By how much; more than ``LARGE_CHANGE_BITS`` is large."""
        return self.after - self.before


def changes(before: Weights, after: Weights) -> tuple[Change, ...]:
    """Every level whose weight is another one, the largest change first; none where other things are compared."""
    if before.fitting != after.fitting:
        return ()
    found = [Change("prior", 0, log2(before.prior), log2(after.prior))]
    for name, levels in after.shares.items():
        for number, ((m_before, u_before), (m, u)) in enumerate(zip(before.shares[name], levels, strict=True)):
            found.append(Change(name, number, log2(m_before / u_before), log2(m / u)))
    return tuple(sorted((each for each in found if each.bits), key=lambda each: -abs(each.bits)))


def degrees_of(pairs: Iterable[Pair], settings: MatchSettings) -> dict[str, dict[int, float]]:
    """How often each degree of each comparison is met, as shares."""
    met: dict[str, dict[int, int]] = {name: {} for name in settings.compare}
    count = 0
    for pair in pairs:
        count += 1
        for name, degree in pair.degrees.items():
            met[name][degree] = met[name].get(degree, 0) + 1
    return {name: {degree: number / count for degree, number in sorted(each.items())} for name, each in met.items()}


def shifts(before: Mapping[str, Mapping[int, float]], now: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
    """By comparison the population stability index between what was met at learning and what is met now."""
    return {name: _stability(list(before[name].items()), now.get(name, {})) for name in before if now.get(name)}


def _stability(before: Sequence[tuple[int, float]], now: Mapping[int, float]) -> float:
    known = dict(before)
    total = 0.0
    for degree in {*known, *now}:
        was, is_ = max(known.get(degree, 0), _LEAST_SHARE), max(now.get(degree, 0), _LEAST_SHARE)
        total += (is_ - was) * log(is_ / was)
    return total
