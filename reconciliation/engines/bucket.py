"""Judge one bucket of a snapshot in DuckDB: open its files, run the views, ask every rule, write the hits.

Imports DuckDB and nothing else that is heavy, because each worker process loads this module anew.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reconciliation.engines.asking import ask_rules, stopped_after
from reconciliation.engines.databases import database_in, instance, run_script
from reconciliation.engines.faults import resource_faults
from reconciliation.engines.question import RuleSql

_TEMPORARY = re.compile(r"^CREATE TEMP TABLE (\w+)", re.MULTILINE)
"""What a step of the views makes for itself alone; it is dropped when the step is done."""


@dataclass(frozen=True, slots=True)
class BucketTask:
    """Everything a worker process needs to judge one bucket.

    Attributes:
        tables: name of each input table of the bucket and the file that holds it.
        dimensions: the same of the small tables, which are read once.
        macros: statements that define the proration of the market.
        steps: SQL of the views by name, in order.
        idle_without: by step the input table without whose rows it makes nothing; it is named after its view.
        subjects: subject column of each view.
        charges: column with the charge code of each view that has one.
        rules: the rules over these views.
        output: folder that gets ``hit``, ``proof`` and ``difference``; it appears whole or not at all.
        snapshot: the only folder besides ``output`` that the engine may touch.
        memory_limit_mb: bound on what DuckDB may hold.
        spill_limit_mb: bound on what it may write to disk beside that.
        seconds_per_rule: after which a rule, or a step of the views, is stopped.
        is_small: its input tables are read once into memory instead of each time that a view asks for them.
    """

    bucket: str
    snapshot: Path
    tables: Mapping[str, str]
    dimensions: Mapping[str, str]
    macros: tuple[str, ...]
    steps: Mapping[str, str]
    subjects: Mapping[str, str]
    charges: Mapping[str, str | None]
    rules: tuple[RuleSql, ...]
    output: Path
    memory_limit_mb: int
    spill_limit_mb: int
    seconds_per_rule: float
    is_small: bool = False
    idle_without: Mapping[str, str] = field(default_factory=dict)


def judge_bucket(task: BucketTask) -> str:
    """Judge one bucket and give its name back.

    Raises:
        ConfigurationError: a rule fails on data although it was accepted; names the rule.
        UnsafeToContinue: a rule or a step of the views ran over its time.
        RetryableError: not enough memory or disk for this bucket.
    """
    (done,) = judge_buckets((task,))
    return done


def judge_buckets(tasks: Sequence[BucketTask]) -> Iterator[str]:
    """Judge a few buckets of one snapshot, one after the other in one engine, giving the name of each as it is done.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``judge_bucket``.
    """
    try:
        with _short_of(tasks[0]), _locked_down(tasks) as shared:
            for task in tasks:
                with _short_of(task), database_in(shared) as connection:
                    _judge(connection, task)
                with _short_of(task):
                    _put_in_place(task)
                yield task.bucket
    finally:
        for task in tasks:
            shutil.rmtree(_partial(task), ignore_errors=True)
        shutil.rmtree(_spill(tasks[0]), ignore_errors=True)


def judge_together(tasks: Sequence[BucketTask]) -> tuple[str, ...]:
    """``judge_buckets`` to its end, for a worker process.

    Raises:
        ConfigurationError, UnsafeToContinue, RetryableError: as ``judge_bucket``.
    """
    return tuple(judge_buckets(tasks))


def make_views(connection: duckdb.DuckDBPyConnection, task: BucketTask) -> set[str]:
    """Open the tables of a bucket and make its views, each a table ``<name>_view``.

    Returns:
        Views that were made; the others have no row in this bucket.

    Raises:
        UnsafeToContinue: a step ran over its time.
    """
    for macro in task.macros:
        run_script(connection, macro)
    for name, file in task.dimensions.items():
        connection.execute(f"CREATE TABLE {name} AS FROM {_file(task.snapshot / file)}")
    kind = "TABLE" if task.is_small else "VIEW"
    for name, file in task.tables.items():
        connection.execute(f"CREATE {kind} {name} AS FROM {_file(task.snapshot / file)}")
    made = set(task.subjects)
    for name, step in task.steps.items():
        if name in task.idle_without and not _has_rows(connection, task.idle_without[name]):
            made.discard(name.partition("_")[2])
            continue
        with stopped_after(task.seconds_per_rule, connection, f"view {name}"):
            run_script(connection, step)
        for table in _TEMPORARY.findall(step):
            connection.execute(f"DROP TABLE {table}")
    return made


def _judge(connection: duckdb.DuckDBPyConnection, task: BucketTask) -> None:
    made = make_views(connection, task)
    subjects = {view: subject for view, subject in task.subjects.items() if view in made}
    ask_rules(connection, task.rules, subjects, task.charges, task.seconds_per_rule)
    _write(connection, task)


def _has_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    return bool(connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchall())


def _short_of(task: BucketTask) -> AbstractContextManager[None]:
    return resource_faults(f"bucket {task.bucket}", task.memory_limit_mb, task.spill_limit_mb)


def _partial(task: BucketTask) -> Path:
    """A folder of this process alone, as another one, on this machine or elsewhere, may be at the same bucket."""
    return task.output.with_name(f"{task.output.name}.{os.uname().nodename}-{os.getpid()}.partial")


def _put_in_place(task: BucketTask) -> None:
    try:
        _partial(task).rename(task.output)
    except OSError:
        if not task.output.exists():  # else a worker of an earlier run was quicker, with the same outcome
            raise


def _spill(task: BucketTask) -> Path:
    return _partial(task).with_name(f"spill-{_partial(task).name}")


@contextmanager
def _locked_down(tasks: Sequence[BucketTask]) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that reaches its snapshot and its outputs, and nothing else on this machine."""
    for task in tasks:
        shutil.rmtree(_partial(task), ignore_errors=True)
        _partial(task).mkdir(parents=True)
    one = tasks[0]
    with instance(1, one.memory_limit_mb, _spill(one), one.spill_limit_mb, keeps_order=False) as shared:
        reached = [one.snapshot, *(_partial(task) for task in tasks)]
        shared.execute("SET allowed_directories = ?", [[str(folder) for folder in reached]])
        shared.execute("SET enable_external_access = false")
        shared.execute("SET lock_configuration = true")
        yield shared


def _file(path: Path) -> str:
    """A Parquet file as a relation; binding it through SQL opens it once, the Python relation opens it twice."""
    quoted = str(path).replace("'", "''")
    return f"read_parquet('{quoted}')"


def _write(connection: duckdb.DuckDBPyConnection, task: BucketTask) -> None:
    for table in ("hit", "proof"):
        connection.execute(f"COPY {table} TO '{_partial(task) / table}.parquet' (FORMAT parquet)")
    if "service_state" in task.subjects:
        connection.execute(
            f"COPY (FROM difference_view) TO '{_partial(task) / 'difference'}.parquet' (FORMAT parquet)"
        )
