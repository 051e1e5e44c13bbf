"""How a backtest is shown: tables for a person, everything for a program; no total over directions or classes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from console.workplace import screen
from hub.backtest import Backtest, Tested
from reconciliation.backtest import KINDS, Change, Group, Said
from reconciliation.findings import Finding, period_text

_EXPLAINED = "differences that a rule explains now, and none did before"
_LEFT = "differences left over that were not before, as no rule explains them or two claim the same money"
_NONE = Group("", "", 0, 0)


def show_backtest(told: Backtest, lines: int) -> None:
    """Print what a rule finds, what changes, and some findings line by line."""
    screen.print(f"[bold]{escape(told.rule.id)}[/] {escape(told.rule.title)}: {told.examples} examples hold")
    for tested in (told.tested, told.against):
        if tested is not None:
            _show_tested(tested, told.beside, lines)
    if told.against is not None:
        first, second = (escape(one.manifest.snapshot_id) for one in (told.tested, told.against))
        screen.print(f"\n[bold]from {first} to {second}[/]")
        _show_changes(told.between, told.against.manifest.market.currency, lines)
    screen.print("nothing was recorded", highlight=False)


def _show_tested(tested: Tested, beside: str, lines: int) -> None:
    manifest, trial = tested.manifest, tested.trial
    currency = manifest.market.currency
    screen.print(
        f"\n[bold]{escape(manifest.market.name)}[/], snapshot {escape(manifest.snapshot_id)},"
        f" {manifest.period_from} to {manifest.period_to} (exclusive)",
        highlight=False,
    )
    then = "that the snapshot carries" if beside == "then" else "of the operator's folder"
    _say(f"in force ({then})", trial.in_force)
    _say("tried", trial.tried)
    screen.print(_table(f"findings of {trial.rule_id}", trial.in_force.groups, trial.tried.groups, currency))
    _show_changes(trial.changes, currency, lines)
    for rule_id, changed in trial.others.items():
        screen.print(f"moves for {escape(rule_id)}, as one cause has one amount:", highlight=False)
        _show_changes(changed, currency, 0)
    screen.print(_table("all rules together", trial.all_before, trial.all_after, currency))
    for what, entries in ((_EXPLAINED, trial.explained), (_LEFT, trial.unexplained)):
        if entries:
            screen.print(f"{what}: {len(entries)}", highlight=False)
        for entry in entries[:lines]:
            screen.print(f"  {entry.subject}: {entry.reason}", highlight=False, markup=False)


def _say(name: str, said: Said) -> None:
    reason = f": {said.reason}" if said.reason else ""
    screen.print(f"{name}: {said.outcome}{reason}", highlight=False, markup=False)


def _table(title: str, before: Iterable[Group], after: Iterable[Group], currency: str) -> Table:
    table = Table(title=escape(title), title_justify="left")
    for heading in ("direction", "class", "in force", "money", "tried", "money"):
        table.add_column(heading, justify="left" if heading in ("direction", "class") else "right")
    old = {(one.direction, one.exposure_class): one for one in before}
    new = {(one.direction, one.exposure_class): one for one in after}
    for key in sorted(old.keys() | new.keys()):
        sides = [old.get(key, _NONE), new.get(key, _NONE)]
        cells = [cell for one in sides for cell in (str(one.findings), _money(one.exposure_minor, currency))]
        table.add_row(*key, *cells)
    return table


def _show_changes(changes: Sequence[Change], currency: str, lines: int) -> None:
    numbers = Counter(change.kind for change in changes)
    told = ", ".join(f"{numbers[kind]} {kind}" for kind in KINDS if numbers[kind])
    screen.print(f"  {told or 'nothing changes'}", highlight=False)
    moved: dict[tuple[str, str, str], int] = {}
    for change in changes:
        key = (change.kind, change.finding.direction, change.finding.exposure_class)
        moved[key] = moved.get(key, 0) + change.moved_minor
    for (kind, direction, exposure_class), minor in sorted(moved.items()):
        sign = "+" if minor > 0 else ""
        screen.print(f"  {kind} {direction} {exposure_class}: {sign}{_money(minor, currency)}", highlight=False)
    for change in changes[:lines]:
        _show_finding(change, currency)


def _show_finding(change: Change, currency: str) -> None:
    finding = change.finding
    before = _money(change.before.exposure_minor, currency) if change.before else "nothing"
    after = _money(change.after.exposure_minor, currency) if change.after else "nothing"
    screen.print(
        f"  {change.kind}: {finding.subject_kind} {finding.subject}, {finding.direction} {finding.exposure_class}:"
        f" {before} -> {after}",
        highlight=False,
        markup=False,
    )
    for line in finding.lines:
        amounts = [_money(each, currency) for each in (line.expected_minor, line.billed_minor, line.exposure_minor)]
        screen.print(
            f"    {period_text(line.period)} {line.charge or '-'}: expected {amounts[0]}, billed {amounts[1]}:"
            f" {amounts[2]} is this cause",
            highlight=False,
            markup=False,
        )
    for reference in finding.evidence:
        screen.print(f"    proof: {reference}", highlight=False, markup=False)


def _money(minor: int, currency: str) -> str:
    return str(Money.from_minor(minor, currency))


def backtest_as_json(told: Backtest) -> dict[str, Any]:
    """Everything that is shown, and every finding that changes; money in minor units."""
    plain: dict[str, Any] = {
        "rule": told.rule.id,
        "title": told.rule.title,
        "examples": told.examples,
        "beside_rules_of": told.beside,
        "snapshots": [_tested_as_json(one) for one in (told.tested, told.against) if one is not None],
    }
    if told.against is not None:
        plain["between"] = [_change_as_json(change) for change in told.between]
    return plain


def _tested_as_json(tested: Tested) -> dict[str, Any]:
    manifest, trial = tested.manifest, tested.trial
    return {
        "snapshot": manifest.snapshot_id,
        "market": manifest.market.id,
        "currency": manifest.market.currency,
        "as_of": manifest.as_of.isoformat(),
        "in_force": _said_as_json(trial.in_force),
        "tried": _said_as_json(trial.tried),
        "changes": [_change_as_json(change) for change in trial.changes],
        "other_rules": {rule: [_change_as_json(one) for one in changed] for rule, changed in trial.others.items()},
        "all_rules": {"in_force": _groups_as_json(trial.all_before), "tried": _groups_as_json(trial.all_after)},
        "differences": {
            "explained_now": [[one.subject, one.reason] for one in trial.explained],
            "explained_no_more": [[one.subject, one.reason] for one in trial.unexplained],
        },
    }


def _said_as_json(said: Said) -> dict[str, Any]:
    return {"outcome": said.outcome, "reason": said.reason, "groups": _groups_as_json(said.groups)}


def _groups_as_json(groups: Iterable[Group]) -> list[dict[str, Any]]:
    return [
        {
            "direction": one.direction,
            "exposure_class": one.exposure_class,
            "findings": one.findings,
            "exposure_minor": one.exposure_minor,
        }
        for one in groups
    ]


def _change_as_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": None if change.before is None else _finding_as_json(change.before),
        "after": None if change.after is None else _finding_as_json(change.after),
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "subject_kind": finding.subject_kind,
        "subject": finding.subject,
        "direction": finding.direction,
        "exposure_class": finding.exposure_class,
        "exposure_minor": finding.exposure_minor,
        "explained_by": finding.explained_by,
        "lines": [
            {
                "period": line.period.isoformat(),
                "charge": line.charge,
                "expected_minor": line.expected_minor,
                "billed_minor": line.billed_minor,
                "exposure_minor": line.exposure_minor,
            }
            for line in finding.lines
        ],
        "evidence": list(finding.evidence),
    }
