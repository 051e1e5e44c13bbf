"""What a rule finds on a snapshot beside what counts today: new, gone, another amount, and whose money it takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from reconciliation.findings import Finding, NotJudged, Reconciliation

ChangeKind = Literal["new", "gone", "changed"]
KINDS: tuple[ChangeKind, ...] = ("new", "gone", "changed")


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one direction and exposure class together; other ones are never added to them.

    Attributes:
        exposure_minor: their money, minor units.
    """

    direction: str
    exposure_class: str
    findings: int
    exposure_minor: int


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that is there on one side only, or says something else on the other; one side may be missing."""

    before: Finding | None
    after: Finding | None

    @property
    def kind(self) -> ChangeKind:
        """What became of it."""
        if self.before is None:
            return "new"
        return "gone" if self.after is None else "changed"

    @property
    def finding(self) -> Finding:
        """The finding as it is afterwards, or was where it is gone."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change has a finding before it or after it")
        return found

    @property
    def moved_minor(self) -> int:
        """Money afterwards less money before, minor units."""
        after = self.after.exposure_minor if self.after else 0
        return after - (self.before.exposure_minor if self.before else 0)


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of a snapshot.

    Attributes:
        outcome: ``findings``, ``clean``, ``inconclusive``, or ``absent`` where no such rule counts.
        reason: why it is inconclusive; empty otherwise.
    """

    outcome: str
    reason: str
    findings: tuple[Finding, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Its findings by direction and exposure class."""
        return grouped(self.findings)


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule tried on a snapshot, beside the rule in force.

    Attributes:
        in_force: what the rule of that code says as it counts today.
        tried: what it says as it is tried.
        changes: of this rule's findings.
        others: by rule, what changes for other rules because of precedence: one cause has one amount.
        all_before: findings of all rules together, by direction and class, as they count today.
        all_after: the same with the rule that is tried.
        explained: differences that some rule explains now and none did before.
        unexplained: differences that no rule explains any more.
    """

    rule_id: str
    in_force: Said
    tried: Said
    changes: tuple[Change, ...]
    others: Mapping[str, tuple[Change, ...]]
    all_before: tuple[Group, ...]
    all_after: tuple[Group, ...]
    explained: tuple[NotJudged, ...]
    unexplained: tuple[NotJudged, ...]


def trial(rule_id: str, before: Reconciliation, after: Reconciliation) -> Trial:
    """Hold two judgements of one snapshot beside each other: by the rules in force, and with the tried one."""
    moved = changes(before.findings, after.findings)
    others: dict[str, list[Change]] = {}
    for change in moved:
        if change.finding.rule_id != rule_id:
            others.setdefault(change.finding.rule_id, []).append(change)
    left_before, left_after = _differences(before), _differences(after)
    return Trial(
        rule_id=rule_id,
        in_force=said(rule_id, before),
        tried=said(rule_id, after),
        changes=tuple(change for change in moved if change.finding.rule_id == rule_id),
        others={rule: tuple(others[rule]) for rule in sorted(others)},
        all_before=grouped(before.findings),
        all_after=grouped(after.findings),
        explained=tuple(one for one in before.not_judged if one in left_before - left_after),
        unexplained=tuple(one for one in after.not_judged if one in left_after - left_before),
    )


def said(rule_id: str, found: Reconciliation) -> Said:
    """What one rule says in a judgement."""
    reasons = (one.reason for one in found.not_judged if one.scope == "rule" and one.subject == rule_id)
    return Said(
        outcome=found.outcomes.get(rule_id, "absent"),
        reason=next(reasons, ""),
        findings=tuple(one for one in found.findings if one.rule_id == rule_id),
    )


def changes(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Change, ...]:
    """Findings that are not the same on both sides, those that move the most money first.

    The same is: the same money in the same months, and the same finding that explains it.
    """
    old = {one.fingerprint: one for one in before}
    new = {one.fingerprint: one for one in after}
    found = [
        Change(old.get(name), new.get(name))
        for name in old.keys() | new.keys()
        if name not in old or name not in new or _said(old[name]) != _said(new[name])
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.moved_minor), one.finding.fingerprint)))


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Findings by direction and exposure class, in the order of their names."""
    amounts: dict[tuple[str, str], list[int]] = {}
    for one in findings:
        amounts.setdefault((one.direction, one.exposure_class), []).append(one.exposure_minor)
    return tuple(Group(*key, len(of_key), sum(of_key)) for key, of_key in sorted(amounts.items()))


def _said(finding: Finding) -> tuple[object, ...]:
    return finding.exposure_minor, finding.lines, finding.explained_by


def _differences(found: Reconciliation) -> frozenset[NotJudged]:
    return frozenset(one for one in found.not_judged if one.scope == "difference")
