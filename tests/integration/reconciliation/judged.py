"""A snapshot of a small operator, judged, and what came of it in lines that a test can show."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reconciliation.findings import Finding, Reconciliation
from reconciliation.snapshot.manifest import Manifest, read_manifest
from tests.fakes.small_operator import SmallOperator

JudgeAll = Callable[..., "Judged"]
"""Takes a snapshot of a small operator and judges it by all rules that ship, or by the named ones."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One snapshot, its outcome, and where both lie."""

    folder: Path
    output: Path
    outcome: Reconciliation

    @property
    def manifest(self) -> Manifest:
        return read_manifest(self.folder)

    def told(self) -> list[str]:
        """``RL-A02 17 under_billed lost 2026-01 29.03`` for every month of every finding.

        A month whose money another finding carries ends with ``by`` and that finding's rule.
        """
        return sorted(line for finding in self.outcome.findings for line in self._lines(finding))

    def _lines(self, finding: Finding) -> list[str]:
        by_month: dict[str, int] = {}
        for line in finding.lines:
            month = f"{line.period:%Y-%m}"
            by_month[month] = by_month.get(month, 0) + line.exposure_minor
        rules = {one.fingerprint: one.rule_id for one in self.outcome.findings}
        carried = f" by {rules[finding.explained_by]}" if finding.explained_by else ""
        head = f"{finding.rule_id} {finding.subject} {finding.direction} {finding.exposure_class}"
        return [f"{head} {month} {money(cents)}{carried}" for month, cents in by_month.items()]

    def not_judged(self, scope: str) -> dict[str, str]:
        """Reason by subject of what could not be judged; further ones of a subject stand on lines of their own."""
        reasons: dict[str, str] = {}
        for one in self.outcome.not_judged:
            if one.scope == scope:
                reasons[one.subject] = (
                    f"{reasons[one.subject]}\n{one.reason}" if one.subject in reasons else one.reason
                )
        return reasons


def money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def unexplained(amount: str, charge: str, first: str, last: str | None = None) -> str:
    """What is listed where no rule claims a difference: ``unexplained("60.00", "access", "2026-02")``."""
    return (
        f"expected minus billed leaves {amount} USD of {charge} from {first} to {last or first}"
        " that no judged rule explains"
    )


def months(rule_subject_class: str, **amounts: str) -> list[str]:
    """``months("RL-B04 1 over_billed refund_due", feb="40.71")`` as ``Judged.told`` has it."""
    names = {"jan": "2026-01", "feb": "2026-02", "mar": "2026-03"}
    return [f"{rule_subject_class} {names[name]} {amount}" for name, amount in amounts.items()]


def small_operator() -> SmallOperator:
    """An operator with one customer whose bills are right, so that January to March are judged."""
    operator = SmallOperator()
    operator.clean("7")
    return operator
