"""What the board reads of a market: few amounts, each for itself, and what could not be judged."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from hub.reports.amounts import amount_text
from hub.reports.cause_words import member_text
from hub.reports.tables import Kind, Total, by_rule, kind_of, rule_of, totals
from hub.reports.verdict import verdict
from hub.reports.wording import CLASS_NAMES, DEFINITIONS, DIRECTION_NAMES, SCOPE_NAMES, counted, slug, spoken
from reconciliation.report import MarketReport

ASKED: tuple[tuple[str, Kind], ...] = (
    ("Lost", Kind("under_billed", "lost")),
    ("Can still be billed", Kind("under_billed", "recoverable")),
    ("Late, not lost", Kind("under_billed", "deferred")),
    ("At risk", Kind("under_billed", "at_risk")),
    ("Owed back to customers", Kind("over_billed", "refund_due")),
    ("Paid for nothing", Kind("cost", "cost")),
)
"""What a board asks of a market, by what it is called here."""
MOST_CAUSES, MOST_HANDOFF_KINDS, MOST_SILENT = 10, 5, 9
_NOTES = (
    "Exposure to date",
    "Monthly run rate",
    "Lost",
    "Recoverable",
    "Deferred",
    "At risk",
    "Refund due",
    "Cost",
    "Tax liability",
    "Finding",
    "Common cause",
    "Never netted",
    "Identified leakage rate",
    "Inconclusive",
)
_COMMON_CAUSE = (
    "What findings of one rule share more often than chance would give: a crew, plan, hub, day or system. Each of its"
    " findings counts to one row."
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount that the board asks for; ``minor`` is None where nothing was judged."""

    title: str
    kind: Kind
    note: str
    minor: int | None
    findings: int
    run_rate_minor: int


@dataclass(frozen=True, slots=True)
class HandoffRow:
    """Money at one hand-off, by the kinds of the table; ``is_judged`` where some rule that watches it could judge."""

    name: str
    minors: tuple[int | None, ...]
    is_judged: bool


@dataclass(frozen=True, slots=True)
class CauseRow:
    """What one rule found in one direction and class, of a group or of no group.

    Attributes:
        shared: what the findings of a group have in common; empty for those that are in no group.
    """

    rule_id: str
    title: str
    kind: Kind
    findings: int
    minor: int
    shared: str = ""


def notes() -> tuple[tuple[int, str, str, str], ...]:
    """The definitions at the foot of the page: number, name of the place, word, meaning."""
    meanings = dict((*DEFINITIONS, ("Common cause", _COMMON_CAUSE)))
    return tuple((number, slug(word), word, meanings[word]) for number, word in enumerate(_NOTES, start=1))


def note_of(word: str) -> int:
    """The number of a definition."""
    return _NOTES.index(word) + 1


def amounts(report: MarketReport) -> tuple[Amount, ...]:
    """What the board asks for, and tax, which is never revenue."""
    by_kind = {total.kind: total for total in totals(report.findings)}
    is_blind = verdict(report).standing == "blind"
    asked = [_amount(title, kind, by_kind.get(kind), is_blind) for title, kind in ASKED]
    taxes = [kind for kind in by_kind if kind.direction == "tax"] or [Kind("tax", "cost")]
    largest = max(taxes, key=lambda kind: by_kind[kind].exposure_minor if kind in by_kind else 0)
    title = "Tax" if largest not in by_kind else f"Tax, {CLASS_NAMES[largest.exposure_class].lower()}"
    return (*asked, _amount(title, largest, by_kind.get(largest), is_blind))


def besides(report: MarketReport) -> list[str]:
    """Kinds of money that stand in none of the amounts, each for itself."""
    shown = {amount.kind for amount in amounts(report)}
    return [
        f"{_kind_text(total.kind)} {amount_text(total.exposure_minor, report.currency)}"
        for total in totals(report.findings)
        if total.kind not in shown
    ]


def handoffs(report: MarketReport, order: Iterable[str]) -> tuple[tuple[Kind, ...], tuple[HandoffRow, ...], int]:
    """Money by hand-off: the kinds with most money, a row a hand-off, and how many kinds are left out.

    A hand-off of which no rule could judge has no amounts: nothing found there says nothing.
    """
    sums: Counter[tuple[str, Kind]] = Counter()
    for row in by_rule(report):
        for total in row.totals:
            sums[row.rule.handoff, total.kind] += total.exposure_minor
    of_kind: Counter[Kind] = Counter()
    for (_, kind), minor in sums.items():
        of_kind[kind] += minor
    ranked = sorted((kind for kind in of_kind if of_kind[kind]), key=lambda kind: (-of_kind[kind], kind))
    kinds = tuple(ranked[:MOST_HANDOFF_KINDS])
    judged = {rule.handoff for rule in report.rules.values() if rule.outcome in ("findings", "clean")}
    rows = [
        HandoffRow(
            spoken(name) if name else "Of no single hand-off",
            tuple(sums[name, kind] if name in judged else None for kind in kinds),
            name in judged,
        )
        for name in (*order, "")
    ]
    return kinds, tuple(rows), len(ranked) - len(kinds)


def causes(report: MarketReport) -> tuple[tuple[CauseRow, ...], int]:
    """What is behind most money, in one direction and class each, and how many causes are left out.

    A cause is a group of findings that have something in common; what is in no group is told by rule. Each finding
    counts once: of several groups to the one with most money.
    """
    groups = [group for group in report.causes.groups if group.goes_with is None] if report.causes else []
    rest = {finding.fingerprint: finding for finding in report.findings if finding.explained_by is None}
    sums: dict[tuple[str, str, Kind], list[int]] = {}
    for group in groups:
        shared = member_text(group.kind, group.member)
        for finding in (rest.pop(name) for name in group.findings if name in rest):
            sums.setdefault((shared, group.rule_id, kind_of(finding)), []).append(finding.exposure_minor)
    for finding in rest.values():
        sums.setdefault(("", finding.rule_id, kind_of(finding)), []).append(finding.exposure_minor)
    found = [
        CauseRow(rule_id, rule_of(report, rule_id).title, kind, len(minors), sum(minors), shared)
        for (shared, rule_id, kind), minors in sums.items()
        if sum(minors)
    ]
    found.sort(key=lambda cause: (-cause.minor, cause.shared, cause.rule_id, cause.kind))
    return tuple(found[:MOST_CAUSES]), max(len(found) - MOST_CAUSES, 0)


def not_judged(report: MarketReport) -> tuple[str, str]:
    """What could not be judged: how many of what, and which rules."""
    scopes = Counter(entry.scope for entry in report.not_judged)
    counts = ", ".join(
        counted(number, SCOPE_NAMES[scope].lower()) for scope, number in scopes.most_common() if scope != "rule"
    )
    silent = sorted(rule.id for rule in report.rules.values() if rule.outcome == "inconclusive")
    more = len(silent) - MOST_SILENT
    rules = ", ".join(silent[:MOST_SILENT]) + (f" and {more} more" if more > 0 else "")
    return counts, f"{counted(len(silent), 'rule')}: {rules}" if silent else ""


def kind_title(kind: Kind) -> tuple[str, str]:
    """Direction and class, as two lines above a column."""
    return DIRECTION_NAMES[kind.direction], CLASS_NAMES[kind.exposure_class].lower()


def _kind_text(kind: Kind) -> str:
    return f"{DIRECTION_NAMES[kind.direction]}, {CLASS_NAMES[kind.exposure_class].lower()}"


def _amount(title: str, kind: Kind, total: Total | None, is_blind: bool) -> Amount:
    note = DIRECTION_NAMES["tax"] if kind.direction == "tax" else CLASS_NAMES[kind.exposure_class]
    if total is None:
        return Amount(title, kind, note, None if is_blind else 0, 0, 0)
    return Amount(title, kind, note, total.exposure_minor, total.findings, total.run_rate_minor)
