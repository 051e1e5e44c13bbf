"""Groups of findings held against the mistakes that were planted together: which were named, with how much money."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from hub.reports.cause_words import member_text
from reconciliation.causes.groups import CommonCauses
from reconciliation.findings import Finding

HELD_FROM = 20
"""Customers who share a mistake from whom on it must be named: fewer of an estate may as well be chance."""

Key = tuple[str, str, str]
"""Subject, direction, exposure class."""


@dataclass(slots=True)
class CauseProof:
    """One mistake that many customers share, held against the groups that were found.

    Attributes:
        shared: kind and member, as the ledger has them: ``crew Crew 4``.
        true: cents by key, what was planted.
        found: cents by key of the same subjects, what the group of that name has.
        others: findings of the group that were not planted with it.
    """

    market: str
    check: str
    shared: str
    true: Counter[Key] = field(default_factory=Counter)
    found: Counter[Key] = field(default_factory=Counter)
    others: int = 0
    is_named: bool = False

    @property
    def subjects(self) -> int:
        """How many customers share it."""
        return len({subject for subject, _, _ in self.true})

    @property
    def difference_minor(self) -> int:
        """Sum of all absolute differences, never netted, in minor units."""
        return sum(abs(self.found[key] - self.true[key]) for key in self.found.keys() | self.true.keys())

    @property
    def is_exact(self) -> bool:
        """Whether it was named with all of its money; one that few share need not be named."""
        return self.difference_minor == 0 if self.is_named else self.subjects < HELD_FROM


def prove_causes(
    told: Mapping[str, CommonCauses],
    findings: Iterable[Finding],
    checks: Mapping[str, str],
    ledger: Iterable[Mapping[str, Any]],
) -> tuple[list[CauseProof], list[str]]:
    """Hold what the findings of each market have in common against what was planted together.

    Args:
        told: by market.
        findings: of all markets.
        checks: the catalogue's check of each rule.
        ledger: entries of the estate's true ledger.

    Returns:
        The shared mistakes, and in words the groups that stand for themselves and have none of them: one market in a
        hundred shows one by chance.
    """
    proofs: dict[tuple[str, str, str], CauseProof] = {}
    for entry in ledger:
        if entry["shared"]:
            name = entry["market"], entry["rule"], entry["shared"]
            proof = proofs.setdefault(name, CauseProof(*name))
            proof.true[entry["subject"], entry["direction"], entry["exposure_class"]] += entry["amount_minor"]
    by_fingerprint = {finding.fingerprint: finding for finding in findings}
    unplanted = []
    for market, causes in told.items():
        for group in causes.groups:
            check, of_it = checks[group.rule_id], [by_fingerprint[name] for name in group.findings]
            if held := proofs.get((market, check, f"{group.kind} {group.member}")):
                _hold(held, of_it)
            elif group.goes_with is None and not _is_planted(proofs.values(), market, check, of_it):
                unplanted.append(f"{member_text(group.kind, group.member)} of {market}, {group.rule_id}")
    return [proofs[name] for name in sorted(proofs)], unplanted


def cause_table(proofs: Iterable[CauseProof], currencies: Mapping[str, str]) -> Table:
    """One row a shared mistake, and one for each direction and class of its money; never a sum over them."""
    heading = "What findings have in common, and what was planted together"
    table = Table(title=heading, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("shared", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("direction and class")
    for heading in ("customers", "exposure", "named", "others", "cents off"):
        table.add_column(heading, justify="right", no_wrap=True)
    for proof in proofs:
        colour = "green" if proof.is_exact else "red"
        verdict = "yes" if proof.is_named else "no" if proof.subjects >= HELD_FROM else "too few"
        off = str(proof.difference_minor) if proof.is_named else ""
        where = escape(f"{member_text(*proof.shared.split(' ', 1))} of {proof.market}")
        others = str(proof.others) if proof.is_named else ""
        table.add_row(where, escape(proof.check), "", str(proof.subjects), "", f"[{colour}]{verdict}[/]", others, off)
        for (direction, exposure_class), cents in _by_kind(proof.true).items():
            kind = f"{direction}, {exposure_class}".replace("_", " ")
            table.add_row("", "", kind, "", str(Money.from_minor(cents, currencies[proof.market])))
    return table


def _hold(proof: CauseProof, of_it: Iterable[Finding]) -> None:
    subjects = {subject for subject, _, _ in proof.true}
    proof.is_named = True
    for finding in of_it:
        if finding.subject in subjects:
            proof.found[finding.subject, finding.direction, finding.exposure_class] += finding.exposure_minor
        else:
            proof.others += 1


def _is_planted(proofs: Iterable[CauseProof], market: str, check: str, of_it: Iterable[Finding]) -> bool:
    """Whether a group has to do with a shared mistake, such as the bill run in which it began."""
    subjects = {subject for one in proofs if (one.market, one.check) == (market, check) for subject, _, _ in one.true}
    return any(finding.subject in subjects for finding in of_it)


def _by_kind(amounts: Counter[Key]) -> dict[tuple[str, str], int]:
    kinds: Counter[tuple[str, str]] = Counter()
    for (_, direction, exposure_class), cents in amounts.items():
        kinds[direction, exposure_class] += cents
    return dict(sorted(kinds.items()))
