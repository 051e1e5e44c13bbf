"""The yardstick: the same checks as plain DuckDB SQL over the same files, two processes of one thread each."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Literal

import duckdb

SERVICE_TABLES = ("service", "delivered", "billed", "one_time", "entitled", "own_price", "move")
SERIAL_TABLES = ("device_state", "shared_charge")
SMALL_TABLES = ("period", "charge", "product", "promotion", "rate")

_FINDINGS = """
COPY (
    WITH summed AS (
        SELECT rule_id, subject, direction, exposure_class, sum(abs(cents))::BIGINT AS exposure_minor,
               coalesce(sum(abs(cents)) FILTER (period = (SELECT max(starts_on) FROM period)), 0)::BIGINT
                   AS run_rate_minor,
               min(period) AS evidence_from, last_day(max(period)) + 1 AS evidence_to,
               list_slice(list_sort(list_distinct(flatten(list(evidence)))), 1, 24) AS evidence
        FROM found
        GROUP BY rule_id, subject, direction, exposure_class
    )
    SELECT substr(sha256(concat_ws(chr(31), rule_id, 'riverbend', subject, direction, exposure_class)), 1, 16)
               AS fingerprint, *
    FROM summed
) TO '{output}' (FORMAT parquet)
"""


def judge_by_hand(snapshot: Path, output: Path, processes: int = 2, memory_limit_mb: int = 300) -> None:
    """Write ``finding.parquet`` of a snapshot into a folder."""
    (output / "found").mkdir(parents=True)
    tasks = [place for part in ("by_service", "by_serial") for place in sorted((snapshot / part).iterdir())]
    judge = partial(_judge_bucket, snapshot, output / "found", memory_limit_mb)
    if len(tasks) <= 2:
        for task in tasks:
            judge(task)
    else:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            list(pool.map(judge, tasks))
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET threads = 2")
        connection.execute("SET memory_limit = '400MB'")
        connection.read_parquet(str(output / "found" / "*.parquet")).create_view("found")
        connection.read_parquet(str(snapshot / "dimensions" / "period.parquet")).create_view("period")
        connection.execute(_FINDINGS.format(output=output / "finding.parquet"))


def script_of(part: Literal["services", "devices"]) -> str:
    """The statements over one bucket; they end with a table ``found``."""
    return (Path(__file__).parent / f"handwritten_{part}.sql").read_text(encoding="utf-8")


def _judge_bucket(snapshot: Path, output: Path, memory_limit_mb: int, bucket: Path) -> None:
    of_services = bucket.parent.name == "by_service"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET threads = 1")
        connection.execute(f"SET memory_limit = '{memory_limit_mb}MB'")
        connection.execute("SET preserve_insertion_order = false")
        for table in SERVICE_TABLES if of_services else SERIAL_TABLES:
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{bucket / table}.parquet')")
        for table in SMALL_TABLES:
            connection.execute(
                f"CREATE TABLE {table} AS FROM read_parquet('{snapshot / 'dimensions' / table}.parquet')"
            )
        connection.execute(script_of("services" if of_services else "devices"))
        connection.execute(
            f"COPY found TO '{output / f'{bucket.parent.name}-{bucket.name}.parquet'}' (FORMAT parquet)"
        )
