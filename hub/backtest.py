"""Try a rule on old snapshots before it counts; nothing is recorded, and the hub's database is not opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import duckdb

from canonical_model.errors import ConfigurationError, Fault, configuration_error
from canonical_model.yaml_source import nearest
from handoffs.stages import HANDOFFS
from hub.operator_folder.load import Operator
from hub.operator_folder.operator_file import Role
from hub.snapshots import limits_of
from reconciliation.analysis_views import VIEWS
from reconciliation.backtest import Change, Trial, changes, trial
from reconciliation.carried_rules import VIEW_SCHEMAS
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.findings import Reconciliation
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import MANIFEST_FILE, Manifest, read_manifest
from rules.compiled import compile_rules
from rules.examples import run_examples
from rules.rule import Rule
from rules.rulebook import Rulebook, load_rules
from rules.tried import Tried, standing_rules, tried_file

Beside = Literal["then", "now"]
"""Which rules count as those in force: those that the snapshot carries, or those of the operator's folder."""

_RULE_FILES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Tested:
    """A rule tried on one snapshot."""

    manifest: Manifest
    trial: Trial


@dataclass(frozen=True, slots=True)
class Backtest:
    """A rule tried on one snapshot, or on two.

    Attributes:
        rule: as it is tried, overrides included.
        examples: how many it has; all of them hold.
        against: the second snapshot, None where only one was asked for.
        between: what the rule finds on the first and not, or otherwise, on the second.
    """

    rule: Rule
    examples: int
    beside: Beside
    tested: Tested
    against: Tested | None = None
    between: tuple[Change, ...] = ()


def backtest(
    operator: Operator,
    workspace: Path,
    wanted: str,
    snapshot: str,
    against: str | None,
    now: datetime,
    beside: Beside = "then",
) -> Backtest:
    """Run a rule's examples, then judge snapshots with it and without it, into a folder that is gone afterwards.

    Args:
        operator: whose folder gives the rules.
        workspace: where snapshots lie that are named and not given as a path; nothing is written into it.
        wanted: code of a rule, or path of a YAML file with one rule or override.
        snapshot: path of a snapshot, ``MARKET/NAME`` or just its name.
        against: another one, or None.
        now: on whose day the operator's overrides must hold.
        beside: which rules are those in force.

    Raises:
        ConfigurationError: no such rule or snapshot, a fault in the file, or an example that does not hold.
        UnsafeToContinue: a file of a snapshot is not what it was.
        RetryableError: memory or disk is short.
    """
    tried = _tried(operator, wanted)
    folders = [find_snapshot(workspace, each) for each in (snapshot, against) if each is not None]
    manifests = [_whole(folder) for folder in folders]
    rule = _rule(tried, manifests[0], now)
    _check_examples(next(each for each in tried.rulebook.rules if each.id == tried.rule_id))
    limits = limits_of(operator.file.engine)
    tested = [
        Tested(manifest, _trial(folder, manifest, operator.rulebook, tried, now, beside, limits))
        for folder, manifest in zip(folders, manifests, strict=True)
    ]
    first, second = tested[0], tested[1] if len(tested) > 1 else None
    between = changes(first.trial.tried.findings, second.trial.tried.findings) if second else ()
    return Backtest(rule, len(rule.examples), beside, first, second, between)


def find_snapshot(workspace: Path, named: str) -> Path:
    """The folder of a snapshot: a path, or a name below the workspace.

    Raises:
        ConfigurationError: there is none; lists those there are.
    """
    if (Path(named) / MANIFEST_FILE).is_file():
        return Path(named)
    there = sorted(place.parent for place in (workspace / "snapshots").glob(f"*/*/{MANIFEST_FILE}"))
    found = [folder for folder in there if named in (folder.name, f"{folder.parent.name}/{folder.name}")]
    if len(found) == 1:
        return found[0]
    names = [f"{folder.parent.name}/{folder.name}" for folder in found or there]
    problem = f"{len(found)} snapshots are named" if found else "there is no snapshot"
    raise ConfigurationError(
        f"{problem} {named}: give its folder, or one of {', '.join(names) or 'none, as none was taken'}"
    )


def _whole(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if (since := manifest.changes) is not None:
        raise ConfigurationError(
            f"snapshot {folder.name} holds {since.accounts} accounts that changed since {since.base}: name that one"
        )
    return manifest


def _tried(operator: Operator, wanted: str) -> Tried:
    if not wanted.endswith(_RULE_FILES):
        known = [rule.id for rule in operator.rulebook.rules]
        if wanted not in known:
            raise ConfigurationError(
                f"there is no rule {wanted}{nearest(wanted, known)}: give its code, or the path of a YAML file"
            )
        return Tried(wanted, operator.rulebook)
    try:
        text = Path(wanted).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{wanted} cannot be read as a file of rules: {error}") from error
    faults: list[Fault] = []
    markets, roles = list(operator.markets), get_args(Role)
    tried = tried_file(text, wanted, operator.rulebook, faults, markets=markets, roles=roles)
    if tried is not None:
        rule = next(rule for rule in tried.rulebook.rules if rule.id == tried.rule_id)
        place = tried.rulebook.sources[rule.id].place("handoff")
        if rule.handoff is not None and rule.handoff not in HANDOFFS:
            faults.append(place.fault(f"there is no hand-off {rule.handoff}{nearest(rule.handoff, list(HANDOFFS))}"))
        compile_rules([rule], VIEW_SCHEMAS, faults, sources=tried.rulebook.sources, read=tried.rulebook.readable)
    if faults or tried is None:
        raise configuration_error(faults)
    return tried


def _rule(tried: Tried, manifest: Manifest, now: datetime) -> Rule:
    market = manifest.market
    _, rule = standing_rules(tried.rulebook, tried.rule_id, market.id, market.local_date(now))
    if rule is None:
        raise ConfigurationError(f"rule {tried.rule_id} is not for market {market.id}, or is switched off there")
    return rule


def _check_examples(rule: Rule) -> None:
    """Run the examples of a rule as it is written, as overrides may change what they come to."""
    faults: list[Fault] = []
    (compiled,) = compile_rules([rule], VIEW_SCHEMAS, faults) or (None,)
    if compiled is None:
        raise configuration_error(faults)
    with duckdb.connect() as connection:
        failures = run_examples(compiled, VIEWS[rule.over].schema, connection)
    if failures:
        listed = "\n".join(f"  {failure}" for failure in failures)
        raise ConfigurationError(
            f"{len(failures)} of {len(rule.examples)} examples do not hold, so no snapshot was judged\n{listed}"
        )


def _trial(
    folder: Path,
    manifest: Manifest,
    rulebook: Rulebook,
    tried: Tried,
    now: datetime,
    beside: Beside,
    limits: EngineLimits,
) -> Trial:
    market = manifest.market
    rule = _rule(tried, manifest, now)
    if beside == "then":
        standing: Sequence[Rule] = load_rules(manifest.rules)
    else:
        standing = rulebook.effective(market.id, market.local_date(now))
    others = [each for each in standing if each.id != rule.id]
    before = _judged(folder, standing, limits)
    after = _judged(folder, sorted([*others, rule], key=lambda each: each.id), limits)
    return trial(rule.id, before, after)


def _judged(folder: Path, rules: Sequence[Rule], limits: EngineLimits) -> Reconciliation:
    with TemporaryDirectory(prefix="splice-backtest-") as scratch:
        return reconcile(folder, Path(scratch) / "judged", limits, rules=rules)
