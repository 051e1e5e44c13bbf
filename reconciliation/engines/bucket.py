"""Judge one bucket of a snapshot in DuckDB: open its files, run the views, ask every rule, write the hits.

Imports DuckDB and nothing else that is heavy, because each worker process loads this module anew.
"""

import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from canonical_model.errors import ConfigurationError, UnsafeToContinue
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


def judge_bucket(task: BucketTask) -> str:
    """Judge one bucket and give its name back.

    Raises:
        ConfigurationError: a rule fails on data although it was accepted; names the rule.
        UnsafeToContinue: a rule or a step of the views ran over its time.
        RetryableError: not enough memory or disk for this bucket.
    """
    try:
        with resource_faults(f"bucket {task.bucket}", task.memory_limit_mb, task.spill_limit_mb):
            with _locked_down(task) as connection:
                for name, step in task.steps.items():
                    with _stopped_after(task.seconds_per_rule, connection, f"view {name}"):
                        connection.execute(step)
                connection.execute(f"CREATE TABLE hit ({HIT_COLUMNS})")
                connection.execute(f"CREATE TABLE proof ({PROOF_COLUMNS})")
                for rule in task.rules:
                    with (
                        _faults_of_rule(rule.rule_id),
                        _stopped_after(task.seconds_per_rule, connection, f"rule {rule.rule_id}"),
                    ):
                        _ask(connection, rule, task)
                _write(connection, task)
            _put_in_place(task)
    finally:
        shutil.rmtree(_partial(task), ignore_errors=True)
    return task.bucket


def _partial(task: BucketTask) -> Path:
    """A folder of this process alone, as another one, on this machine or elsewhere, may be at the same bucket."""
    return task.output.with_name(f"{task.output.name}.{os.uname().nodename}-{os.getpid()}.partial")


def _put_in_place(task: BucketTask) -> None:
    shutil.rmtree(_spill(task), ignore_errors=True)
    try:
        _partial(task).rename(task.output)
    except OSError:
        if not task.output.exists():  # else a worker of an earlier run was quicker, with the same outcome
            raise


def _spill(task: BucketTask) -> Path:
    return _partial(task) / "spill"


@contextmanager
def _locked_down(task: BucketTask) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reaches its snapshot and its output, and nothing else on this machine."""
    shutil.rmtree(_partial(task), ignore_errors=True)
    _partial(task).mkdir(parents=True)
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET threads = 1")
        connection.execute(f"SET memory_limit = '{task.memory_limit_mb}MB'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET temp_directory = ?", [str(_spill(task))])
        connection.execute(f"SET max_temp_directory_size = '{task.spill_limit_mb}MB'")
        for macro in task.macros:
            connection.execute(macro)
        connection.execute("SET allowed_directories = ?", [[str(task.snapshot), str(_partial(task))]])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for name, file in task.dimensions.items():
            connection.execute(f"CREATE TABLE {name} AS FROM {_file(task.snapshot / file)}")
        for name, file in task.tables.items():
            connection.execute(f"CREATE VIEW {name} AS FROM {_file(task.snapshot / file)}")
        yield connection


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
