"""Findings held against the true ledger: what was found, what was missed, and by how many cents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from reconciliation.findings import Finding

Key = tuple[str, str, str, str]
"""Market, subject, direction, exposure class."""


@dataclass(slots=True)
class RuleProof:
    """One check held against the ledger.

    Attributes:
        found: exposure by key, what the hub says.
        true: exposure by key, what was planted.
    """

    check: str
    found: Counter[Key] = field(default_factory=Counter)
    true: Counter[Key] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of the planted causes that were found, 1 where none was planted."""
        return len(self.true.keys() & self.found.keys()) / len(self.true) if self.true else 1.0

    @property
    def false_findings(self) -> int:
        """Findings of something that was never planted."""
        return len(self.found.keys() - self.true.keys())

    @property
    def difference_minor(self) -> int:
        """Sum of all absolute differences, never netted, in minor units."""
        return sum(abs(self.found[key] - self.true[key]) for key in self.found.keys() | self.true.keys())

    @property
    def is_exact(self) -> bool:
        """Whether everything was found, nothing else was, and every cent is right."""
        return self.recall == 1.0 and self.false_findings == 0 and self.difference_minor == 0


def prove(
    findings: Iterable[Finding], checks: Mapping[str, str], ledger: Iterable[Mapping[str, Any]]
) -> list[RuleProof]:
    """Hold findings against the ledger, check by check.

    Args:
        findings: of all markets; those that another one explains carry no money and are left out.
        checks: the catalogue's check of each rule.
        ledger: entries of the estate's true ledger.
    """
    proofs = {check: RuleProof(check) for check in checks.values()}
    for finding in findings:
        if finding.explained_by is None:
            key = (finding.market, finding.subject, finding.direction, finding.exposure_class)
            proofs[checks[finding.rule_id]].found[key] += finding.exposure_minor
    for entry in ledger:
        key = (entry["market"], entry["subject"], entry["direction"], entry["exposure_class"])
        proofs.setdefault(entry["rule"], RuleProof(entry["rule"])).true[key] += entry["amount_minor"]
    return [proofs[check] for check in sorted(proofs)]


def proof_table(proofs: Iterable[RuleProof], currencies: Mapping[str, str], titles: Mapping[str, str]) -> Table:
    """One row a check, direction, class and currency; never a sum over them.

    Args:
        proofs: what to show.
        currencies: by market.
        titles: title of each check.
    """
    heading = "Found, and held against the true ledger"
    table = Table(title=heading, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("check", no_wrap=True)
    table.add_column("direction and class", min_width=30)
    for heading in ("findings", "exposure", "found", "false", "cents off"):
        table.add_column(heading, justify="right", no_wrap=True)
    for proof in proofs:
        share = f"{proof.recall:.0%}" if proof.true else "-"
        colour = "green" if proof.is_exact else "red"
        verdict = (f"[{colour}]{share}[/]", f"[{colour}]{proof.false_findings}[/]", str(proof.difference_minor))
        title = f"[dim]{escape(titles.get(proof.check, ''))}[/]"
        table.add_row(escape(proof.check), title, str(len(proof.found)), "", *verdict)
        for (direction, exposure_class, currency), amounts in _by_kind(proof, currencies).items():
            kind = f"{direction}, {exposure_class}".replace("_", " ")
            table.add_row("", kind, str(len(amounts)), str(Money.from_minor(sum(amounts), currency)))
    return table


def _by_kind(proof: RuleProof, currencies: Mapping[str, str]) -> dict[tuple[str, str, str], list[int]]:
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for (market, _, direction, exposure_class), amount in proof.found.items():
        groups[direction, exposure_class, currencies[market]].append(amount)
    return dict(sorted(groups.items()))
