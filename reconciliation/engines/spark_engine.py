"""The engine for clusters: the same views and rules over whole tables of a snapshot, transpiled, in Spark SQL."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp, parse_one

from canonical_model.errors import ConfigurationError
from reconciliation.analysis_views import DOCUMENT_STEPS, SERIAL_STEPS, SERVICE_STEPS, VIEWS, view_sql
from reconciliation.engines.duckdb_engine import WHOLE, EngineLimits
from reconciliation.engines.question import HIT_COLUMNS, PROOF_COLUMNS, PROOF_SQL, RuleSql, found_sql, hits_sql
from reconciliation.engines.spark_dialect import Macro, SparkRelation, spark_relations, spark_sql
from reconciliation.engines.spark_faults import (
    known_fault,
    spark_faults,
    spark_reason,
    stopped_after,
    unreadable,
)
from reconciliation.engines.spark_session import spark_session
from reconciliation.engines.spark_settings import SparkSettings
from reconciliation.engines.spark_tables import schema_on_spark, written
from reconciliation.price_book import price_scale
from reconciliation.proration import proration_macros
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import DIMENSIONS, DOCUMENT_TABLES, SERIAL_TABLES, SERVICE_TABLES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PROOF_ON_SPARK = spark_sql(parse_one(PROOF_SQL, read="duckdb"), {})

DIFFERENCE_COLUMNS = "subject VARCHAR, period DATE, charge_family VARCHAR, share VARCHAR, difference BIGINT"


@dataclass(frozen=True, slots=True)
class PartitionTask:
    """All buckets of one partition, to be judged as whole tables.

    Attributes:
        partition: ``service``, ``serial`` or ``document``.
        tables: files of each input table, all buckets and the dimensions.
        relations: what the views' steps make, in order.
        rules: the rules over these views, with expressions in Spark's dialect.
        output: folder that gets ``hit``, ``proof`` and ``difference``; it appears whole or not at all.
        seconds: after which a step of the views, or a rule, over all buckets is stopped.
    """

    partition: str
    tables: Mapping[str, Sequence[Path]]
    relations: Sequence[SparkRelation]
    rules: Sequence[RuleSql]
    output: Path
    seconds: float


def judge_snapshot_on_spark(
    folder: Path,
    manifest: Manifest,
    rules: Sequence[RuleSql],
    output: Path,
    limits: EngineLimits,
    settings: SparkSettings,
) -> Iterator[str]:
    """Judge the partitions of a snapshot one after the other, giving the name of each as it is done.

    ``output`` gets what ``judge_snapshot`` writes, in one folder a partition. A partition that is done is not done
    again. The snapshot has to lie where the executors find it under the same path.

    Args:
        folder: the snapshot.
        manifest: its manifest.
        rules: with expressions in Spark's dialect.
        output: only this process writes to it.
        limits: the memory of all processes together is that of the Java machine in this one.
        settings: where to compute.

    Raises:
        ConfigurationError: Spark or Java is missing, or a rule fails on the data.
        RetryableError: the session or its memory was lost.
        UnsafeToContinue: a file of the snapshot cannot be read, or a rule or a step of the views ran over its time.
    """
    for left in output.glob("by_*/*"):
        if left.name != WHOLE:  # broken off, or of the other engine, which finds the same
            shutil.rmtree(left, ignore_errors=True)
    tasks = [task for task in partition_tasks(folder, manifest, rules, output, limits) if not task.output.exists()]
    if not tasks:
        return
    scratch = output / "spark"
    try:
        with spark_session(settings, limits.memory_together_mb, scratch) as session, spark_faults(folder.name):
            for task in tasks:
                _judge_partition(session, task, folder.name)
                yield f"by_{task.partition}"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def partition_tasks(
    folder: Path, manifest: Manifest, rules: Sequence[RuleSql], output: Path, limits: EngineLimits
) -> list[PartitionTask]:
    """One task a partition that has buckets, services first."""
    dimensions = {name: [folder / "dimensions" / f"{name}.parquet"] for name in DIMENSIONS if name != "not_judged"}
    partitions = (
        ("service", manifest.service_buckets, SERVICE_TABLES, SERVICE_STEPS),
        ("serial", manifest.serial_buckets, SERIAL_TABLES, SERIAL_STEPS),
        ("document", manifest.document_buckets, DOCUMENT_TABLES, DOCUMENT_STEPS),
    )
    return [
        PartitionTask(
            partition=partition,
            tables=dimensions
            | {
                name: [folder / f"by_{partition}" / f"{bucket:04d}" / f"{name}.parquet" for bucket in range(buckets)]
                for name in tables
            },
            relations=_relations(steps, manifest),
            rules=[rule for rule in rules if VIEWS[rule.view].partition == partition],
            output=output / f"by_{partition}" / WHOLE,
            seconds=limits.seconds_per_rule * buckets,
        )
        for partition, buckets, tables, steps in partitions
        if buckets
    ]


def _relations(steps: Sequence[str], manifest: Manifest) -> list[SparkRelation]:
    macros: dict[str, Macro] = {}
    proration = manifest.catalogue.proration[manifest.market.id]
    for definition in proration_macros(proration, price_scale(manifest.catalogue, manifest.market)):
        list(spark_relations(definition, macros))
    return [relation for step in steps for relation in spark_relations(view_sql(step), macros)]


def found_on_spark(rule: RuleSql) -> str:
    """``found_sql`` of a rule whose expressions are in Spark's dialect."""
    view = VIEWS[rule.view]
    marked = replace(rule, when="when_of_rule", exposure="exposure_of_rule")
    shared = parse_one(found_sql(marked, view.subject, view.charge_column), read="duckdb")
    query = parse_one(spark_sql(shared, {}), read="spark")
    expressions = {"when_of_rule": rule.when, "exposure_of_rule": rule.exposure}
    for slot in list(query.find_all(exp.Column)):
        if text := expressions.get(slot.name):
            slot.replace(exp.Paren(this=parse_one(text, read="spark")))
    return query.sql(dialect="spark")


def hits_on_spark(rules: Sequence[RuleSql]) -> str:
    """The hits of all rules among the rows in ``found``."""
    return spark_sql(parse_one(hits_sql(rules), read="duckdb"), {})


def _judge_partition(session: "SparkSession", task: PartitionTask, snapshot: str) -> None:
    for name, files in task.tables.items():
        try:
            schema = schema_on_spark(files[0])
        except (pa.ArrowException, OSError) as error:
            raise unreadable(snapshot) from error
        # a lost session may be an OSError as well, which says nothing of the file
        reader = session.read.schema(schema)
        reader.parquet(*[f"file://{file.resolve()}" for file in files]).createOrReplaceTempView(name)
    for relation in task.relations:
        with stopped_after(task.seconds, session, f"view {relation.name}"):
            _make(session, relation)
    with written(task.output) as partial:
        if task.rules:
            _find(session, task)
            partial.write("hit", HIT_COLUMNS, session.sql(hits_on_spark(task.rules)).toArrow())
            partial.write("proof", PROOF_COLUMNS, session.sql(_PROOF_ON_SPARK).toArrow())
        if task.partition == "service":
            partial.write("difference", DIFFERENCE_COLUMNS, session.table("difference_view").toArrow())


def _make(session: "SparkSession", relation: SparkRelation) -> None:
    """Give a relation its name; what is kept is computed now, so that no plan holds the plans before it."""
    frame = session.sql(relation.query)
    if relation.is_kept:
        frame = frame.localCheckpoint(eager=True)
    frame.createOrReplaceTempView(relation.name)


def _find(session: "SparkSession", task: PartitionTask) -> None:
    """Put into ``found`` what all rules find, at once; where that fails they are asked one by one, to name one."""
    from pyspark.errors import PySparkException  # noqa: PLC0415

    queries = {rule.rule_id: found_on_spark(rule) for rule in task.rules}
    try:
        with stopped_after(task.seconds * len(queries), session, f"the rules over each {task.partition}"):
            _make(session, SparkRelation("found", " UNION ALL ".join(queries.values()), is_kept=True))
    except PySparkException as error:
        if known_fault("", error) is None:
            _name_rule(session, queries)
        raise


def _name_rule(session: "SparkSession", queries: Mapping[str, str]) -> None:
    from pyspark.errors import PySparkException  # noqa: PLC0415

    for rule, query in queries.items():
        try:
            session.sql(query).write.format("noop").mode("overwrite").save()
        except PySparkException as error:
            raise ConfigurationError(f"rule {rule} fails on the data: {spark_reason(error)}") from error
