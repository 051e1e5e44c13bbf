"""Rules that may not speak in a run: a feed that they need is unfit, or they find more than anybody meant."""

from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciliation.conclude import subjects_found
from reconciliation.findings import NotJudged
from reconciliation.freshness import unfit_roles
from reconciliation.snapshot.manifest import Manifest
from rules.compiled import CompiledRule


def silenced(manifest: Manifest, rules: Iterable[CompiledRule]) -> Iterable[NotJudged]:
    """Rules for which a feed of the snapshot is unfit, each with the reason."""
    months_ended = datetime.combine(manifest.period_to, time(), ZoneInfo(manifest.market.zone))
    for rule in rules:
        problems = unfit_roles(rule.rule.needs, manifest.feeds, manifest.as_of, months_ended, manifest.shrink_percent)
        if problems:
            yield NotJudged("rule", rule.rule.id, "; ".join(problems.values()))


def above_their_bounds(output: Path, rules: Iterable[CompiledRule]) -> Iterable[NotJudged]:
    """Rules that find more than they may: what such a rule says is probably not meant, so nobody hears it."""
    bounds = {rule.rule.id: rule.rule.bound for rule in rules if rule.rule.bound is not None}
    if not bounds:
        return
    found = subjects_found(output)
    for rule_id, bound in bounds.items():
        if (subjects := found.get(rule_id, 0)) > bound:
            yield NotJudged(
                "rule",
                rule_id,
                f"finds more than its bound: {subjects} subjects, {bound} at most; held back, look at what it finds"
                f" with `splice rules test {rule_id}`",
            )
