"""What gates may ask for, as a table: what each metric counts, in which unit, and which way is better.

A metric is a share of a whole, a number, or the hub's figure beside that of the legacy systems for the same kind of
work. How each is measured is the hub's business; what it means for a gate is decided in ``handoffs.gates``.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "number", "shares_beside", "numbers_beside"]
Ask = Literal["at_least", "at_most", "worse_by", "times"]
"""How a bound is stated: as a floor, as a ceiling, as points of a percent that the hub may be worse than legacy, or
as a multiple of legacy's figure that it may reach."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that a gate may ask for.

    Attributes:
        title: what people call it.
        kind: a share, a number, or one of these on the hub's path beside legacy's.
        ask: how its bound is stated.
        unit: of the bound and the figure.
        grows: whether time and work alone bring it nearer, so that too little of it is no failure.
        more_is_better: of figures that stand beside legacy's.
        meaning: what is counted, in a sentence.
    """

    title: str
    kind: Kind
    ask: Ask
    unit: str
    meaning: str
    grows: bool = False
    more_is_better: bool = True


def _share(title: str, meaning: str) -> Metric:
    return Metric(title, "share", "at_least", "%", meaning)


def _most(title: str, unit: str, meaning: str) -> Metric:
    return Metric(title, "number", "at_most", unit, meaning)


def _enough(title: str, unit: str, meaning: str) -> Metric:
    return Metric(title, "number", "at_least", unit, meaning, grows=True)


def _rate_beside(title: str, meaning: str, *, more_is_better: bool = True) -> Metric:
    return Metric(title, "shares_beside", "worse_by", "points", meaning, more_is_better=more_is_better)


METRICS: dict[str, Metric] = {
    "key_coverage": _share(
        "Key coverage", "records that are found in the other systems by their key, of those that should be"
    ),
    "feed_age": _most("Oldest feed", "hours", "age of the oldest complete pull that the hand-off is judged by"),
    "feeds_whole": _most(
        "Feeds in doubt", "feeds", "feeds that broke off, were stopped, or hold much less than before"
    ),
    "unmapped_codes": _most("Unmapped codes", "codes", "billing codes on bills that the catalogue does not know"),
    "unmapped_revenue": _most("Unmapped revenue", "%", "billed money under codes that the catalogue does not know"),
    "open_findings": _most("Open findings", "findings", "findings of this hand-off that nobody has taken in hand"),
    "open_money": _most("Money of open findings", "money", "what those findings come to, whichever way"),
    "run_age": _most("Last reconciliation", "hours", "age of the snapshot whose findings stand"),
    "compared": _enough("Comparisons", "comparisons", "works of which intent and deed could be compared"),
    "bills_compared": _enough(
        "Bills compared", "works", "works whose bill was held against what is due, over a whole period at least"
    ),
    "decided": _share(
        "Works compared",
        "works of which intent and deed could be compared, of all on which legacy should have acted by now",
    ),
    "parity": _share("Parity", "comparisons that speak for the hub, of all"),
    "unexplained": _most("Unexplained", "comparisons", "comparisons that nobody has explained"),
    "critical": _most("Critical", "comparisons", "comparisons that would have harmed somebody"),
    "unexplained_money": _most("Unexplained money", "money", "absolute money of unexplained differences"),
    "days": _enough("Days", "days", "days since the clock was set: at this stage, under these versions"),
    "bill_cycles": _enough("Bill cycles", "cycles", "full billing periods, and their bills, since the clock was set"),
    "hub_works": _enough("Works by the hub", "works", "works that the hub has acted on since the clock was set"),
    "lines_known": _share(
        "Lines the hub knows",
        "terminals in use whose services the hub has brought to life or adopted, of all in use: of the others"
        " nobody could change anything any more",
    ),
    "serials_reconciled": _share(
        "Serials reconciled",
        "devices in use of the next step's cohort that the inventory and the live network know by the same serial, on"
        " a port of the same terminal, and of which no other billing system was told another; those of an unknown"
        " place count",
    ),
    "serials_reachable": _share(
        "Devices reachable",
        "devices of the same cohort that their element shows as up, but for those of customers who are suspended, or"
        " away for the season",
    ),
    "package_complete": _share(
        "Complete packages", "jobs with port, device and tests, of all that were told to technicians"
    ),
    "activation_success": _rate_beside(
        "Activation success", "activations that came to their end without being undone or given up"
    ),
    "activation_time": Metric(
        "Time to activate",
        "numbers_beside",
        "times",
        "hours",
        "ninth decile of the hours from order to service",
        more_is_better=False,
    ),
    "right_first_time": _rate_beside(
        "Right the first time", "works without a second visit or a trouble ticket within thirty days"
    ),
    "first_visit_completion": _rate_beside("Done at the first visit", "jobs that were done at the first visit"),
    "reschedules": _rate_beside(
        "Rescheduled", "jobs whose appointment was moved or had nobody there", more_is_better=False
    ),
    "late_charges": _rate_beside(
        "Late charges", "charges that came onto a bill after that of their period", more_is_better=False
    ),
    "duplicate_jobs": _most("Duplicate jobs", "jobs", "orders with two jobs of one kind open, or two trucks a day"),
    "double_bills": _most("Double bills", "services", "services that are billed twice for a period"),
    "foreign_writes": _most("Foreign writes", "writes", "works of the hub on which the legacy system acted, open"),
    "unfinished_works": _most("Unfinished works", "works", "works that the hub has begun and not ended in time"),
    "guard_age": _most("Last look of the guard", "hours", "age of the last pass of the guard over the whole market"),
    "first_step": _most(
        "First step", "% of orders", "orders of the last weeks of which the first cohort of the canary holds as many"
    ),
    "frozen_overdue": _most(
        "Overdue freezes",
        "jobs",
        "recurring jobs that are paused beyond their day, or are off in billing and on no list",
    ),
}
"""Every metric by its name."""
