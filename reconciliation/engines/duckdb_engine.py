"""The default engine: a few single-threaded DuckDB processes, one bucket each at a time."""

import multiprocessing
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from canonical_model.errors import RetryableError
from reconciliation.analysis_views import DOCUMENT_STEPS, SERIAL_STEPS, SERVICE_STEPS, VIEWS, view_sql
from reconciliation.engines.bucket import BucketTask, judge_buckets, judge_together
from reconciliation.engines.question import RuleSql
from reconciliation.engines.worker import end_with_parent
from reconciliation.idle_steps import IDLE_WITHOUT
from reconciliation.price_book import price_scale
from reconciliation.proration import proration_macros
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import DIMENSIONS, DOCUMENT_TABLES, SERIAL_TABLES, SERVICE_TABLES

WHOLE = "whole"
"""Folder of a partition's outcome where an engine judged it as a whole, in the place of its buckets'."""

FEW_TASKS = 3
"""One bucket of each partition is judged sooner than processes for them have started."""


SMALL_ROWS = 200_000
"""Of all input tables of a bucket; so many are held in memory while it is judged."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What the engine may use.

    Attributes:
        processes: buckets judged at the same time.
        memory_limit_mb: what DuckDB may hold in each process; a process needs about 70 MB beside it. What is done
            for all buckets together, in one process, may take what all processes may.
        spill_limit_mb: what DuckDB may write to disk in each process where its memory does not do.
        seconds_per_rule: after which one rule, or one step of the views, on one bucket is stopped.
    """

    processes: int = 2
    memory_limit_mb: int = 300
    spill_limit_mb: int = 4_000
    seconds_per_rule: float = 120.0

    @property
    def memory_together_mb(self) -> int:
        """What all processes together may hold."""
        return self.processes * self.memory_limit_mb

    @property
    def spill_together_mb(self) -> int:
        """What all processes together may write to disk."""
        return self.processes * self.spill_limit_mb


def judge_snapshot(
    folder: Path, manifest: Manifest, rules: Sequence[RuleSql], output: Path, limits: EngineLimits
) -> Iterator[str]:
    """Judge every bucket of a snapshot, giving the name of each as it is done.

    ``output`` gets a folder for each bucket with ``hit``, ``proof`` and, for services, ``difference``.
    A bucket that is done is not done again, so a run that was broken off goes on where it stopped. Only one process
    may judge into a folder at a time (``one_at_a_time``).

    Raises:
        ConfigurationError: a rule fails on the data.
        RetryableError: a bucket needs more memory or disk than it was given, or a worker process was killed.
        UnsafeToContinue: a rule or a step of the views ran over its time.
    """
    for left in (*output.glob("by_*/*.partial"), *output.glob(f"by_*/{WHOLE}")):
        shutil.rmtree(left, ignore_errors=True)
    tasks = [task for task in bucket_tasks(folder, manifest, rules, output, limits) if not task.output.exists()]
    if len(tasks) <= FEW_TASKS:
        yield from judge_buckets(tasks) if tasks else ()
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(limits.processes, mp_context=context, initializer=end_with_parent) as pool:
        try:
            for done in as_completed([pool.submit(judge_together, group) for group in _side_by_side(tasks)]):
                yield from done.result()
        except BrokenProcessPool as error:
            raise RetryableError(
                f"a process that judged buckets of {folder.name} was killed, most likely because the machine has too"
                f" little memory for {limits.processes} of them: try again, the buckets that are done are kept, or"
                " lower engine.processes"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _side_by_side(tasks: Sequence[BucketTask]) -> list[tuple[BucketTask, ...]]:
    """Buckets of one number, of all partitions, for one engine to judge: to make an engine costs 14 ms of CPU."""
    groups: dict[str, list[BucketTask]] = {}
    for task in tasks:
        groups.setdefault(task.output.name, []).append(task)
    return [tuple(group) for group in groups.values()]


def bucket_tasks(
    folder: Path, manifest: Manifest, rules: Sequence[RuleSql], output: Path, limits: EngineLimits
) -> list[BucketTask]:
    """One task a bucket, service buckets first."""
    proration = manifest.catalogue.proration[manifest.market.id]
    macros = tuple(proration_macros(proration, price_scale(manifest.catalogue, manifest.market)))
    partitions = (
        ("service", manifest.service_buckets, SERVICE_TABLES, SERVICE_STEPS),
        ("serial", manifest.serial_buckets, SERIAL_TABLES, SERIAL_STEPS),
        ("document", manifest.document_buckets, DOCUMENT_TABLES, DOCUMENT_STEPS),
    )
    tasks = []
    for partition, buckets, tables, steps in partitions:
        rows = sum(manifest.rows[f"by_{partition}/{table}"] for table in tables)
        views = [view for view in VIEWS.values() if view.partition == partition]
        for bucket in range(buckets):
            place = f"by_{partition}/{bucket:04d}"
            tasks.append(
                BucketTask(
                    bucket=place,
                    snapshot=folder.resolve(),
                    tables={table: f"{place}/{table}.parquet" for table in tables},
                    dimensions={
                        table: f"dimensions/{table}.parquet" for table in DIMENSIONS if table != "not_judged"
                    },
                    macros=macros,
                    steps={step: view_sql(step) for step in steps},
                    subjects={view.name: view.subject for view in views},
                    charges={view.name: view.charge_column for view in views},
                    rules=tuple(rule for rule in rules if VIEWS[rule.view].partition == partition),
                    output=output.resolve() / place,
                    memory_limit_mb=limits.memory_limit_mb,
                    spill_limit_mb=limits.spill_limit_mb,
                    seconds_per_rule=limits.seconds_per_rule,
                    is_small=rows <= SMALL_ROWS * buckets,
                    idle_without={step: IDLE_WITHOUT[step] for step in steps if step in IDLE_WITHOUT},
                )
            )
    return tasks
