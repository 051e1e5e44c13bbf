"""Which work a canary takes over: by town, technology and kind of order, and by a stable share of what is left.

A cohort is chosen by what is known of the work before anybody touches it, and always in the same way: whoever asks,
on whatever day, gets the same answer, and a wider share holds all that a narrower one held.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from canonical_model.network import Technology

SHARES = 10_000
"""Shares are hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """What is known of a piece of work before anybody acts on it.

    Attributes:
        market: where the customer lives.
        work: ``order/1234``, or ``service/…`` and ``incident/…`` where nobody ordered anything.
        placed_at: when it was ordered, or came up; None where no system tells.
        order_type: ``new``, ``change``, ``move`` or ``cease``; None where nobody ordered it.
        technology: of the premise, or else of the market.
        town: of the premise; None where no system tells.
    """

    market: str
    work: str
    placed_at: datetime | None = None
    order_type: str | None = None
    technology: Technology | None = None
    town: str | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """The part of a market's work that is taken over. What is not limited is open: without limits it is everything.

    Attributes:
        towns: only these, compared without case; work of an unknown town is in none of them.
        technologies: only these.
        order_types: only these; work that nobody ordered is of none of them.
        share: of what is left, in hundredths of a percent, chosen by a stable hash of the work.
    """

    towns: frozenset[str] = frozenset()
    technologies: frozenset[str] = frozenset()
    order_types: frozenset[str] = frozenset()
    share: int = SHARES

    def __post_init__(self) -> None:
        if not 0 <= self.share <= SHARES:
            raise ValueError(f"a share of {self.share}: it lies between 0 and {SHARES} hundredths of a percent")

    def holds(self, facts: WorkFacts) -> bool:
        """Whether a piece of work is in it.

        Args:
            facts: of the work.
        """
        return (
            _is_among(facts.town, self.towns)
            and _is_among(facts.technology, self.technologies)
            and _is_among(facts.order_type, self.order_types)
            and share_of(facts.work, facts.market) < self.share
        )

    def may_reach(self, town: str | None, technology: str) -> bool:
        """Whether work at a place may be in it, whatever is ordered there; what is in no known town may be in any.

        Args:
            town: of the place; None where no system tells.
            technology: of the place.
        """
        return (town is None or _is_among(town, self.towns)) and _is_among(technology, self.technologies)

    def is_within(self, other: "Cohort") -> bool:
        """Whether another cohort holds all that this one holds."""
        return self.share <= other.share and all(
            not theirs or (mine and _folded(mine) <= _folded(theirs))
            for mine, theirs in (
                (self.towns, other.towns),
                (self.technologies, other.technologies),
                (self.order_types, other.order_types),
            )
        )

    def __str__(self) -> str:
        parts = [", ".join(sorted(each)) for each in (self.towns, self.technologies, self.order_types) if each]
        if self.share < SHARES:
            parts.append(f"{self.share / 100:g} % of the work")
        return "; ".join(parts) or "everything"


EVERYTHING = Cohort()
NOTHING = Cohort(share=0)


def share_of(work: str, market: str) -> int:
    """Where a piece of work stands between 0 and 9,999; the same in every hand-off, on every machine and for ever."""
    digest = sha256(f"{market}\n{work}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % SHARES


def _is_among(value: str | None, wanted: frozenset[str]) -> bool:
    return not wanted or (value is not None and value.casefold() in _folded(wanted))


def _folded(values: frozenset[str]) -> frozenset[str]:
    return frozenset(each.casefold() for each in values)
