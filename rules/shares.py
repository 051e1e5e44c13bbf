"""The share of records that an expectation tolerates, counted over all pages of a pull.

A pull is what a source has to tell at one time; where its pages begin and end is nobody's choice. So an expectation
with ``mostly`` is held against the whole pull, unless it says ``per: page``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from canonical_model.record import Record
from rules.judgements import Judgement, judgement_of
from rules.quality_suite import Expectation, QualitySuite

ShareKey = tuple[str, str, str]
"""Entity, name of the expectation, and market; as ``Judgement.key``."""

Suites = Mapping[type[Record], QualitySuite]


@dataclass(frozen=True, slots=True)
class PageShare:
    """What an expectation that is held against the whole pull found in one page.

    Attributes:
        market: whose records were judged; empty for those of all markets together.
        rows: places of the raw records that fail, in the page.
    """

    entity: str
    expectation: Expectation
    market: str
    evaluated: int
    failed: int
    rows: tuple[int, ...]

    @property
    def key(self) -> ShareKey:
        """Under which it is counted."""
        return self.entity, self.expectation.name, self.market


@dataclass(frozen=True, slots=True)
class Counted:
    """Records judged so far, and those of them that failed."""

    evaluated: int = 0
    failed: int = 0

    def plus(self, share: PageShare) -> "Counted":
        """With those of a further page."""
        return Counted(self.evaluated + share.evaluated, self.failed + share.failed)

    def exceeds(self, expectation: Expectation) -> bool:
        """Whether more failed than is tolerated."""
        return self.evaluated - self.failed < expectation.mostly * self.evaluated


def concluded(suites: Suites, counts: Mapping[ShareKey, Counted]) -> list[Judgement]:
    """What follows from the counts of a whole pull.

    Each judgement adds a verdict to those of the pages and no counts of its own.
    """
    stated = {
        (entity.__name__, one.name): (suite, one)
        for entity, suite in suites.items()
        for one in suite.expectations
        if one.is_of_the_pull
    }
    found = []
    for (entity, name, market), counted in sorted(counts.items()):
        suite, expectation = stated[entity, name]
        has_failed = counted.exceeds(expectation)
        told = f"{counted.failed:,} of {counted.evaluated:,} rows"
        found.append(
            judgement_of(
                entity,
                suite,
                expectation,
                evaluated=0,
                failed=0,
                observed=f"{told} in {market}" if market else told,
                verdict=("stopped" if expectation.severity == "critical" else "told") if has_failed else "passed",
                market=market,
            )
        )
    return found


def version_of(suites: Suites) -> str:
    """Equal for equal suites."""
    return " ".join(f"{entity.__name__} {suite.version}" for entity, suite in suites.items())
