"""Reconcile one snapshot: which rules may judge, what they find, what could not be judged."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from canonical_model.errors import Fault, configuration_error
from canonical_model.intervals import add_months
from reconciliation.analysis_views import DOCUMENT_STEPS, SERIAL_STEPS, SERVICE_STEPS, SHARES, VIEWS, view_sql
from reconciliation.conclude import (
    SETTLED_FILE,
    Conclusion,
    conclude,
    read_findings,
    read_not_judged,
    read_settled,
    subjects_found,
)
from reconciliation.engines.bucket import judge_bucket
from reconciliation.engines.duckdb_engine import EngineLimits, bucket_tasks, judge_snapshot
from reconciliation.engines.faults import resource_faults
from reconciliation.engines.question import RuleSql
from reconciliation.engines.spark_settings import SparkSettings
from reconciliation.findings import NotJudged, Reconciliation
from reconciliation.freshness import unfit_roles
from reconciliation.one_at_a_time import one_at_a_time
from reconciliation.snapshot.manifest import Manifest, read_manifest, verify_checksums
from reconciliation.snapshot.unjudged import unjudged_subjects
from rules.compiled import CompiledRule, compile_rules
from rules.expressions import Dialect
from rules.rule import Rule
from rules.rulebook import load_rules

VIEW_SCHEMAS = {name: view.schema for name, view in VIEWS.items()}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A run whose findings lie on disk, for snapshots too large to hold.

    Attributes:
        outcomes: per rule ``findings``, ``clean`` or ``inconclusive``.
        silent: rules that an unfit feed or their own bound silenced, each with the reason.
    """

    manifest: Manifest
    rules: tuple[Rule, ...]
    conclusion: Conclusion
    outcomes: dict[str, str]
    silent: tuple[NotJudged, ...]


def judge(
    folder: Path,
    output: Path,
    limits: EngineLimits | None = None,
    on_bucket: Callable[[str], None] | None = None,
    rules: Sequence[Rule] | None = None,
    spark: SparkSettings | None = None,
) -> Judgement:
    """Judge a snapshot by the rules it carries; needs nothing but its folder.

    Args:
        folder: the snapshot.
        output: an empty folder, or that of a run over the same snapshot that was broken off.
        limits: what the engine may use.
        on_bucket: told the name of each bucket when it is done.
        rules: other rules to judge it by; then ``output`` must be empty.
        spark: where Spark computes; without it DuckDB does.

    Raises:
        ConfigurationError: no snapshot, or its rules do not hold over these views any more.
        UnsafeToContinue: a file of the snapshot differs from its manifest, or a rule ran over its time.
        RetryableError: memory, disk or a worker process was lost, or another process judges into the same folder.
    """
    manifest = _whole(folder)
    with _alone(folder, output):
        return _judge(folder, manifest, output, limits or EngineLimits(), on_bucket, rules, spark)


def _whole(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    verify_checksums(folder, manifest)
    return manifest


def _alone(folder: Path, output: Path) -> AbstractContextManager[None]:
    return one_at_a_time(output, f"judging snapshot {folder.name}")


def _judge(
    folder: Path,
    manifest: Manifest,
    output: Path,
    limits: EngineLimits,
    on_bucket: Callable[[str], None] | None,
    rules: Sequence[Rule] | None,
    spark: SparkSettings | None,
) -> Judgement:
    compiled = _carried(manifest.rules) if rules is None else _compiled(rules)
    silent = tuple(_silenced(manifest, compiled))
    speaking = [rule for rule in compiled if rule.rule.id not in {one.subject for one in silent}]
    for bucket in _judged(folder, manifest, speaking, output, limits, spark):
        if on_bucket is not None:
            on_bucket(bucket)
    above = tuple(_above_their_bounds(output, speaking))
    silent, held_back = (*silent, *above), {one.subject for one in above}
    speaking = [rule for rule in speaking if rule.rule.id not in held_back]
    with resource_faults(f"snapshot {folder.name}", limits.memory_together_mb, limits.spill_together_mb):
        conclusion = conclude(
            output,
            folder,
            market=manifest.market.id,
            currency=manifest.market.currency,
            last_period=add_months(manifest.period_to, -1),
            explained_by={rule.rule.id: rule.rule.explained_by for rule in speaking},
            claims={rule.rule.id: _claimed(rule) for rule in speaking if VIEWS[rule.rule.over].is_decomposed},
            back_bill_months=manifest.catalogue.back_bill_months,
            held_back=held_back,
            memory_limit_mb=limits.memory_together_mb,
            spill_limit_mb=limits.spill_together_mb,
        )
    outcomes = {
        rule.rule.id: "findings" if rule.rule.id in conclusion.rules_with_findings else "clean" for rule in speaking
    }
    outcomes |= {one.subject: "inconclusive" for one in silent}
    return Judgement(manifest, tuple(rule.rule for rule in compiled), conclusion, outcomes, silent)


def judge_share(
    folder: Path, output: Path, share: int, shares: int, limits: EngineLimits | None = None
) -> tuple[str, ...]:
    """Judge some buckets of a snapshot, one after the other, for a run elsewhere that concludes.

    Several processes, on any machine that sees both folders, may each take a share. A bucket appears whole or not at
    all, and one that is there is not judged again, so that a share may be broken off, lost or taken twice; who
    concludes (``judge``) judges what is left.

    Args:
        folder: the snapshot.
        output: where whoever concludes will judge into.
        share: which one, from 0.
        shares: how many there are; they differ by one bucket at most.
        limits: what DuckDB may use.

    Returns:
        The buckets that were judged.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``judge``.
    """
    if not 0 <= share < shares:
        raise ValueError(f"there is no share {share} of {shares}")
    manifest = _whole(folder)
    compiled = _compiled(load_rules(manifest.rules))
    silent = {one.subject for one in _silenced(manifest, compiled)}
    rules = [_sql(rule, "duckdb") for rule in compiled if rule.rule.id not in silent]
    tasks = bucket_tasks(folder, manifest, rules, output, limits or EngineLimits())
    return tuple(judge_bucket(task) for task in tasks[share::shares] if not task.output.exists())


def _judged(
    folder: Path,
    manifest: Manifest,
    rules: Sequence[CompiledRule],
    output: Path,
    limits: EngineLimits,
    spark: SparkSettings | None,
) -> Iterator[str]:
    if spark is None:
        return judge_snapshot(folder, manifest, [_sql(rule, "duckdb") for rule in rules], output, limits)
    from reconciliation.engines.spark_engine import judge_snapshot_on_spark  # noqa: PLC0415 - only this needs it

    asked = [_sql(rule, "spark") for rule in rules]
    return judge_snapshot_on_spark(folder, manifest, asked, output, limits, spark)


def judgement_key(manifest: Manifest) -> str:
    """A name that is the same only for the same snapshot judged by the same views: 16 hex digits.

    Two runs with one key may share their output, so that a run that was broken off goes on where it stopped.
    """
    views = "".join(view_sql(step) for step in (*SERVICE_STEPS, *SERIAL_STEPS, *DOCUMENT_STEPS))
    return hashlib.sha256(f"{manifest.checksum}\n{views}".encode()).hexdigest()[:16]


def reconcile(
    folder: Path,
    output: Path,
    limits: EngineLimits | None = None,
    on_bucket: Callable[[str], None] | None = None,
    rules: Sequence[Rule] | None = None,
    spark: SparkSettings | None = None,
) -> Reconciliation:
    """Judge a snapshot, by the rules it carries or by others, and read everything it found.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``judge``.
    """
    manifest = _whole(folder)
    with _alone(folder, output):
        judgement = _judge(folder, manifest, output, limits or EngineLimits(), on_bucket, rules, spark)
        kinds = {rule.id: VIEWS[rule.over].subject for rule in judgement.rules}
        return Reconciliation(
            findings=read_findings(output, kinds),
            not_judged=(*judgement.silent, *read_not_judged(output)),
            compared=manifest.rows["by_service/billed"],
            billed_minor=manifest.control_totals["billed_minor"],
            outcomes=judgement.outcomes,
            unjudged=unjudged_subjects(folder),
            settled=read_settled(output),
        )


def read_outcome(folder: Path, output: Path) -> Reconciliation | None:
    """What a run over a snapshot found, from the files that it left; None where it did not come to its end.

    Raises:
        ConfigurationError: no snapshot, or its rules do not hold over these views any more.
    """
    if not (output / SETTLED_FILE).is_file():
        return None
    manifest = read_manifest(folder)
    compiled = _carried(manifest.rules)
    silent = tuple(_silenced(manifest, compiled))
    speaking = [rule for rule in compiled if rule.rule.id not in {one.subject for one in silent}]
    silent = (*silent, *_above_their_bounds(output, speaking))
    findings = read_findings(output, {rule.rule.id: VIEWS[rule.rule.over].subject for rule in compiled})
    found, mute = {finding.rule_id for finding in findings}, {one.subject for one in silent}
    said = {rule.rule.id: "findings" if rule.rule.id in found else "clean" for rule in speaking}
    return Reconciliation(
        findings=findings,
        not_judged=(*silent, *read_not_judged(output)),
        compared=manifest.rows["by_service/billed"],
        billed_minor=manifest.control_totals["billed_minor"],
        outcomes={rule: outcome for rule, outcome in said.items() if rule not in mute}
        | dict.fromkeys((one.subject for one in silent), "inconclusive"),
        unjudged=unjudged_subjects(folder),
        settled=read_settled(output),
    )


@lru_cache(maxsize=4)
def _carried(text: str) -> tuple[CompiledRule, ...]:
    """The rules that a snapshot carries; those of several snapshots are mostly the same."""
    return _compiled(load_rules(text))


def _compiled(rules: Iterable[Rule]) -> tuple[CompiledRule, ...]:
    faults: list[Fault] = []
    compiled = compile_rules(rules, VIEW_SCHEMAS, faults)
    if faults:
        raise configuration_error(faults)
    return tuple(compiled)


def _silenced(manifest: Manifest, rules: Iterable[CompiledRule]) -> Iterable[NotJudged]:
    months_ended = datetime.combine(manifest.period_to, time(), ZoneInfo(manifest.market.zone))
    for rule in rules:
        problems = unfit_roles(rule.rule.needs, manifest.feeds, manifest.as_of, months_ended, manifest.shrink_percent)
        if problems:
            yield NotJudged("rule", rule.rule.id, "; ".join(problems.values()))


def _above_their_bounds(output: Path, rules: Iterable[CompiledRule]) -> Iterable[NotJudged]:
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


def _claimed(rule: CompiledRule) -> str:
    """The share of the difference that a rule's exposure reads; nothing where it reads several, or whole amounts."""
    read = [column for column in rule.exposure.columns if column in SHARES]
    return read[0] if len(read) == 1 and not rule.exposure.columns & {"expected_amount", "billed_amount"} else ""


def _sql(rule: CompiledRule, dialect: Dialect) -> RuleSql:
    return RuleSql(
        rule_id=rule.rule.id,
        view=rule.rule.over,
        when=rule.when_sql(dialect),
        exposure=rule.exposure_sql(dialect),
        direction=rule.rule.direction,
        exposure_class=rule.rule.exposure_class,
        may_point=bool(rule.rule.explained_by),
    )
