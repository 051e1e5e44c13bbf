"""How what the hub would have done compares with what the legacy system was seen to do: classes and their tally.

Shadow is no second writer. The hub states its intent, with the code that would act; later the other system is seen to
have done something. Each pair falls into one class, field by field, and the worst field speaks for the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ComparisonClass = Literal["match", "match_after_normalising", "explained", "legacy_wrong", "hub_wrong", "unknown"]

CLEAN: tuple[ComparisonClass, ...] = ("match", "match_after_normalising", "explained", "legacy_wrong")
"""Classes that speak for the hub. What legacy got wrong needs evidence, what is explained an owner and an end."""

UNEXPLAINED: tuple[ComparisonClass, ...] = ("hub_wrong", "unknown")

SEVERITY: dict[ComparisonClass, int] = {
    "match": 0,
    "match_after_normalising": 1,
    "explained": 2,
    "legacy_wrong": 3,
    "unknown": 4,
    "hub_wrong": 5,
}
"""The class of a comparison is that of its worst field."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the comparisons of one hand-off in one market came to, since its clock was set.

    Attributes:
        counts: comparisons by class; those that still wait for legacy to act are in none.
        critical: unexplained comparisons that would have harmed somebody: a wrong customer's line, a wrong bill.
        waiting: intents with which nothing could be compared yet, though legacy should have acted by now.
        bills_compared: of the comparisons, those that held a bill against what is due, over a period at least.
        unexplained_minor: absolute money of unexplained differences, in minor units.
        first_at, last_at: of the comparisons.
        looked_at: when it was compared last, whether there was anything new or not; None where that never was.
    """

    counts: Mapping[ComparisonClass, int] = field(default_factory=dict)
    critical: int = 0
    waiting: int = 0
    bills_compared: int = 0
    unexplained_minor: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    looked_at: datetime | None = None

    @property
    def compared(self) -> int:
        """Comparisons altogether."""
        return sum(self.counts.values())

    @property
    def clean(self) -> int:
        """Comparisons that speak for the hub."""
        return sum(self.counts.get(name, 0) for name in CLEAN)

    @property
    def unexplained(self) -> int:
        """Comparisons that nobody has explained."""
        return sum(self.counts.get(name, 0) for name in UNEXPLAINED)
