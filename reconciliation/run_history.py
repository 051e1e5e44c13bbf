"""What the runs of a market came to, one after the other: for what changed over time, and what only seems to have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciliation.findings import Direction, ExposureClass
from reconciliation.kpis.results import KpiResult

TREND_KPIS = ("leakage_rate", "invoice_accuracy", "time_to_invoice", "right_first_time")
"""KPIs that are shown run by run."""


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """What a rule found in one direction and class.

    Attributes:
        handoff: that the rule watched by then; empty where it was none.
        findings: that carry money of their own.
        explained: that another one explains.
        exposure_minor: minor units.
        run_rate_minor: what they add in a month.
    """

    rule_id: str
    handoff: str
    direction: Direction
    exposure_class: ExposureClass
    findings: int
    explained: int
    exposure_minor: int
    run_rate_minor: int


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run whose findings stood for its market.

    Attributes:
        totals: by rule, direction and class.
        new: findings that were there for the first time.
        again: that had ended and were there again.
        recovered: that were gone, and their money had come to the operator or the customer.
        vanished: that were not found any more, without that.
        silent: rules that could not judge, so that less money says nothing of theirs.
        kpis: those of ``TREND_KPIS`` that were kept.
    """

    run_id: int
    as_of: datetime
    findings: int
    explained: int
    totals: tuple[RuleTotal, ...] = ()
    new: int = 0
    again: int = 0
    recovered: int = 0
    vanished: int = 0
    silent: tuple[str, ...] = ()
    kpis: Mapping[str, KpiResult] = field(default_factory=dict)

    def exposure_minor(self, direction: Direction, exposure_class: ExposureClass) -> int:
        """Money of one direction in one class; directions and classes are never added up."""
        return sum(
            total.exposure_minor
            for total in self.totals
            if (total.direction, total.exposure_class) == (direction, exposure_class)
        )
