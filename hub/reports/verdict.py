"""What may be said of a market in one sentence; nothing that was not judged is called clean."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from hub.reports.wording import counted
from reconciliation.report import MarketReport

Standing = Literal["findings", "clean", "in_part", "blind"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a market stands.

    Attributes:
        standing: ``clean`` only where every rule that is on was judged and nothing was set aside; ``blind`` where
            nothing was judged at all.
        outcomes: how many rules came to each outcome, in the order findings, clean, inconclusive, off.
        incomplete: what could not be judged, as a list in words; empty where all was.
    """

    standing: Standing
    headline: str
    sentence: str
    incomplete: str
    outcomes: tuple[tuple[str, int], ...]


def verdict(report: MarketReport) -> Verdict:
    """Weigh findings against what was judged and what was not."""
    outcomes = Counter(rule.outcome for rule in report.rules.values())
    judged = outcomes["findings"] + outcomes["clean"]
    carrying = sum(finding.explained_by is None for finding in report.findings)
    rows = f"{counted(report.compared, 'row')} of expected and billed charges compared"
    incomplete = _incomplete(report)
    standing = _standing(bool(report.findings), judged if report.compared else 0, bool(incomplete))
    rules = f"{counted(judged, 'rule')} judged"
    headline, sentence = {
        "findings": (_found(carrying, len(report.findings) - carrying), f"{rules}, {rows}."),
        "clean": ("Nothing found", f"{rules}, {rows}."),
        "in_part": ("Nothing found in what could be judged", f"{rules}, {rows}."),
        "blind": (
            "Not judged: this is not a clean result",
            f"{_why_blind(judged)}. Amounts that are missing below are unknown, not zero.",
        ),
    }[standing]
    order = ("findings", "clean", "inconclusive", "off")
    return Verdict(standing, headline, sentence, incomplete, tuple((name, outcomes[name]) for name in order))


def _standing(found: bool, judged: int, incomplete: bool) -> Standing:
    if found:
        return "findings"
    if not judged:
        return "blind"
    return "in_part" if incomplete else "clean"


def _why_blind(judged: int) -> str:
    return "No row of expected and billed charges could be compared" if judged else "No rule could be judged"


def _found(carrying: int, explained: int) -> str:
    aside = f", {explained:,} more explained by them" if explained else ""
    return counted(carrying, "finding") + aside


def _incomplete(report: MarketReport) -> str:
    scopes = Counter(entry.scope for entry in report.not_judged)
    unjudged = {rule.id for rule in report.rules.values() if rule.outcome == "inconclusive"}
    unjudged |= {entry.subject for entry in report.not_judged if entry.scope == "rule"}
    parts = [
        counted(number, noun)
        for number, noun in (
            (len(unjudged), "inconclusive rule"),
            (scopes["record"], "unjoined record"),
            (scopes["month"], "unbilled month"),
            (scopes["difference"], "unexplained difference"),
            (scopes["adjustment"], "unexplained adjustment"),
        )
        if number
    ]
    return ", ".join(parts)
