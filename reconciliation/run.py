"""Reconcile one snapshot: which rules may judge, what they find, what could not be judged."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from canonical_model.intervals import add_months
from reconciliation.analysis_views import DOCUMENT_STEPS, SERIAL_STEPS, SERVICE_STEPS, VIEWS, view_sql
from reconciliation.carried_rules import carried_rules, claimed_share, compiled_rules, rule_sql
from reconciliation.conclude import (
    OUTCOME_FILES,
    Conclusion,
    conclude,
    read_findings,
    read_not_judged,
    read_settled,
)
from reconciliation.engines.bucket import judge_bucket
from reconciliation.engines.databases import instance
from reconciliation.engines.duckdb_engine import EngineLimits, bucket_tasks, judge_snapshot
from reconciliation.engines.faults import resource_faults
from reconciliation.engines.spark_settings import SparkSettings
from reconciliation.findings import NotJudged, Reconciliation
from reconciliation.one_at_a_time import one_at_a_time
from reconciliation.silence import above_their_bounds, silenced
from reconciliation.snapshot.manifest import Manifest, read_manifest, verify_checksums
from reconciliation.snapshot.unjudged import unjudged_subjects
from rules.compiled import CompiledRule
from rules.rule import Rule


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
    engine: duckdb.DuckDBPyConnection | None = None,
) -> Judgement:
    compiled = carried_rules(manifest.rules) if rules is None else compiled_rules(rules)
    silent = tuple(silenced(manifest, compiled))
    speaking = [rule for rule in compiled if rule.rule.id not in {one.subject for one in silent}]
    for bucket in _judged(folder, manifest, speaking, output, limits, spark):
        if on_bucket is not None:
            on_bucket(bucket)
    above = tuple(above_their_bounds(output, speaking))
    silent, held_back = (*silent, *above), {one.subject for one in above}
    speaking = [rule for rule in speaking if rule.rule.id not in held_back]
    with (
        resource_faults(f"snapshot {folder.name}", limits.memory_together_mb, limits.spill_together_mb),
        concluding(output, limits) if engine is None else nullcontext(engine) as shared,
    ):
        conclusion = conclude(
            output,
            folder,
            market=manifest.market.id,
            currency=manifest.market.currency,
            last_period=add_months(manifest.period_to, -1),
            explained_by={rule.rule.id: rule.rule.explained_by for rule in speaking},
            claims={rule.rule.id: claimed_share(rule) for rule in speaking if VIEWS[rule.rule.over].is_decomposed},
            back_bill_months=manifest.catalogue.back_bill_months,
            held_back=held_back,
            shared=shared,
        )
    outcomes = {
        rule.rule.id: "findings" if rule.rule.id in conclusion.rules_with_findings else "clean" for rule in speaking
    }
    outcomes |= {one.subject: "inconclusive" for one in silent}
    return Judgement(manifest, tuple(rule.rule for rule in compiled), conclusion, outcomes, silent)


def concluding(output: Path, limits: EngineLimits) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """An engine that draws conclusions, of several runs one after the other; it may spill into ``output``."""
    return instance(2, limits.memory_together_mb, output / "spill", limits.spill_together_mb, keeps_order=False)


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
    compiled = carried_rules(manifest.rules)
    silent = {one.subject for one in silenced(manifest, compiled)}
    rules = [rule_sql(rule, "duckdb") for rule in compiled if rule.rule.id not in silent]
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
        return judge_snapshot(folder, manifest, [rule_sql(rule, "duckdb") for rule in rules], output, limits)
    from reconciliation.engines.spark_engine import judge_snapshot_on_spark  # noqa: PLC0415 - only this needs it

    asked = [rule_sql(rule, "spark") for rule in rules]
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
    engine: duckdb.DuckDBPyConnection | None = None,
) -> Reconciliation:
    """Judge a snapshot, by the rules it carries or by others, and read everything it found.

    Args:
        folder: the snapshot.
        output: as for ``judge``.
        limits: as for ``judge``.
        on_bucket: as for ``judge``.
        rules: as for ``judge``.
        spark: as for ``judge``.
        engine: that draws the conclusion (``concluding``); None makes one.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``judge``.
    """
    manifest = _whole(folder)
    with _alone(folder, output):
        judgement = _judge(folder, manifest, output, limits or EngineLimits(), on_bucket, rules, spark, engine)
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


def has_outcome(output: Path) -> bool:
    """Whether a run came to its end and what it found is still there."""
    return all((output / file).is_file() for file in OUTCOME_FILES)


def read_outcome(folder: Path, output: Path) -> Reconciliation | None:
    """What a run over a snapshot found, from the files that it left; None where it did not come to its end.

    Raises:
        ConfigurationError: no snapshot, or its rules do not hold over these views any more.
    """
    if not has_outcome(output):
        return None
    manifest = read_manifest(folder)
    compiled = carried_rules(manifest.rules)
    silent = tuple(silenced(manifest, compiled))
    speaking = [rule for rule in compiled if rule.rule.id not in {one.subject for one in silent}]
    silent = (*silent, *above_their_bounds(output, speaking))
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
