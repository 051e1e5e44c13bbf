"""Judge one bucket of a snapshot in DuckDB: open its files, run the views, ask every rule, write the hits.

Imports DuckDB and nothing else that is heavy, because each worker process loads this module anew.
"""

import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from reconciliation.engines.databases import database_in, instance, run_script
from reconciliation.engines.faults import resource_faults
from reconciliation.engines.question import HIT_COLUMNS, PROOF_COLUMNS, PROOF_SQL, RuleSql, found_sql, hit_sql


@dataclass(frozen=True, slots=True)
class BucketTask:
    """Everything a worker process needs to judge one bucket.

    Attributes:
        tables: name of each input table of the bucket and the file that holds it.
        dimensions: the same of the small tables, which are read once.
        macros: statements that define the proration of the market.
        steps: SQL of the views by name, in order.
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


def _judge(connection: duckdb.DuckDBPyConnection, task: BucketTask) -> None:
    for macro in task.macros:
        run_script(connection, macro)
    for name, file in task.dimensions.items():
        connection.execute(f"CREATE TABLE {name} AS FROM {_file(task.snapshot / file)}")
    kind = "TABLE" if task.is_small else "VIEW"
    for name, file in task.tables.items():
        connection.execute(f"CREATE {kind} {name} AS FROM {_file(task.snapshot / file)}")
    for name, step in task.steps.items():
        with _stopped_after(task.seconds_per_rule, connection, f"view {name}"):
            run_script(connection, step)
    connection.execute(f"CREATE TABLE hit ({HIT_COLUMNS})")
    connection.execute(f"CREATE TABLE proof ({PROOF_COLUMNS})")
    says = {view: connection.execute(f"SELECT 1 FROM {view}_view LIMIT 1").fetchall() for view in task.subjects}
    for rule in task.rules:
        if not says[rule.view]:
            continue
        with (
            _faults_of_rule(rule.rule_id),
            _stopped_after(task.seconds_per_rule, connection, f"rule {rule.rule_id}"),
        ):
            _ask(connection, rule, task)
    _write(connection, task)


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


@contextmanager
def _stopped_after(seconds: float, connection: duckdb.DuckDBPyConnection, work: str) -> Iterator[None]:
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise UnsafeToContinue(f"{work} ran longer than {seconds:g} s on one bucket and was stopped") from error
    finally:
        timer.cancel()


@contextmanager
def _faults_of_rule(rule_id: str) -> Iterator[None]:
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise  # no fault of the rule's
    except duckdb.Error as error:
        raise ConfigurationError(f"rule {rule_id} fails on the data: {error}") from error


def _ask(connection: duckdb.DuckDBPyConnection, rule: RuleSql, task: BucketTask) -> None:
    rows = found_sql(rule, task.subjects[rule.view], task.charges[rule.view])
    if connection.execute(f"CREATE OR REPLACE TEMP TABLE found AS {rows}").fetchone() == (0,):
        return
    connection.execute(f"INSERT INTO hit {hit_sql(rule.direction, rule.exposure_class)}")
    connection.execute(f"INSERT INTO proof {PROOF_SQL}")


def _write(connection: duckdb.DuckDBPyConnection, task: BucketTask) -> None:
    for table in ("hit", "proof"):
        connection.execute(f"COPY {table} TO '{_partial(task) / table}.parquet' (FORMAT parquet)")
    if "service_state" in task.subjects:
        connection.execute(
            f"COPY (FROM difference_view) TO '{_partial(task) / 'difference'}.parquet' (FORMAT parquet)"
        )
