"""What a KPI comes to: of how many, how many were left out and why, and the figures, all of them exact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from reconciliation.kpis.definition import Kpi
from reconciliation.kpis.percentiles import Histogram, merged, nearest_rank

NO_VALUE = "its value is not known"
"""Why a row is left out for which no reason was given."""


class Ranks(NamedTuple):
    """Median and 90th percentile, each a value that occurred; None where nothing was measured."""

    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A KPI in a market, or in a group of it.

    Attributes:
        population: rows that it is about, those that were left out included.
        left_out: how many for which reason.
        numerator: sum of the values; money in minor units.
        denominator: sum of what they are related to: their number, unless the KPI says otherwise.
        histogram: of the values that median and 90th percentile are of; empty where it was not kept.
        ranks: what they were, where it was not kept.
    """

    population: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    numerator: int = 0
    denominator: int = 0
    histogram: Histogram = ()
    ranks: Ranks | None = None

    @property
    def measured(self) -> int:
        """Rows that the figures are of."""
        return self.population - sum(self.left_out.values())

    @property
    def median(self) -> int | None:
        """By the nearest rank; None where nothing was measured."""
        return nearest_rank(self.histogram, 50) if self.ranks is None else self.ranks.median

    @property
    def p90(self) -> int | None:
        """By the nearest rank; None where nothing was measured."""
        return nearest_rank(self.histogram, 90) if self.ranks is None else self.ranks.p90


@dataclass(frozen=True, slots=True)
class KpiResult:
    """What a KPI comes to.

    Attributes:
        market: None for the whole operator.
        currency: of its money; empty where there is none in it.
        whole: of the whole population.
        groups: by the column that the KPI is told apart by.
        unknown: why nothing can be said; empty where something can.
        caveat: what is probably missing in it; empty where nothing is.
    """

    kpi: Kpi
    market: str | None
    currency: str
    whole: Measured
    groups: Mapping[str, Measured] = field(default_factory=dict)
    unknown: str = ""
    caveat: str = ""


def value_of(kpi: Kpi, measured: Measured) -> Decimal | int | None:
    """The value of a KPI: an integer of its unit for a median or a sum, else a quotient with six decimals.

    Nothing where nothing was measured, or where there is nothing to relate to.
    """
    if measured.measured == 0:
        return None
    if kpi.figure == "median":
        return measured.median
    if kpi.figure == "sum":
        return measured.numerator
    if measured.denominator == 0:
        return None
    quotient = Decimal(measured.numerator) / Decimal(measured.denominator)
    return quotient.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def whole_operator(results: Sequence[KpiResult]) -> list[KpiResult]:
    """Results of one KPI in all markets put together, one for each currency that is in it.

    Markets of which nothing can be said are named as a caveat and are no part of it.

    Raises:
        ValueError: a result was kept without its histograms, and medians do not add up.
    """
    together = []
    for currency in dict.fromkeys(one.currency for one in results):
        of_it = [one for one in results if one.currency == currency]
        known = [one for one in of_it if not one.unknown]
        missing = ", ".join(one.market or "" for one in of_it if one.unknown)
        if not known:
            together.append(KpiResult(of_it[0].kpi, None, currency, Measured(), unknown=of_it[0].unknown))
            continue
        names = dict.fromkeys(name for one in known for name in one.groups)
        caveats = [one.caveat for one in known if one.caveat] + ([f"unknown in {missing}"] if missing else [])
        together.append(
            KpiResult(
                kpi=known[0].kpi,
                market=None,
                currency=currency,
                whole=_sum([one.whole for one in known]),
                groups={name: _sum([one.groups[name] for one in known if name in one.groups]) for name in names},
                caveat="; ".join(dict.fromkeys(caveats)),
            )
        )
    return together


def _sum(parts: Sequence[Measured]) -> Measured:
    if any(part.ranks is not None for part in parts):
        raise ValueError("medians of results that were kept cannot be put together: measure again")
    left_out: dict[str, int] = {}
    for part in parts:
        for why, count in part.left_out.items():
            left_out[why] = left_out.get(why, 0) + count
    return Measured(
        population=sum(part.population for part in parts),
        left_out=left_out,
        numerator=sum(part.numerator for part in parts),
        denominator=sum(part.denominator for part in parts),
        histogram=merged([part.histogram for part in parts]),
    )
