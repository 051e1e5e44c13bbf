"""PostgreSQL, given the SQL written by hand in its own dialect; starting it and filling its tables count.

A private server of its own, with memory for sorting, that does not wait for the disk.
"""

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from psycopg import sql
from sqlglot import exp

from benchmarks.handwritten import SERIAL_TABLES, SERVICE_TABLES, SMALL_TABLES, script_of
from tests.peers import listed_peers
from tests.postgresql import postgres_server

_SETTINGS = """
SET work_mem = '256MB';
SET maintenance_work_mem = '256MB';
SET default_statistics_target = 100;
CREATE AGGREGATE joined(anycompatiblearray) (SFUNC = array_cat, STYPE = anycompatiblearray, INITCOND = '{}');
CREATE FUNCTION share(price BIGINT, factor INTEGER, f DATE, t DATE, mf DATE, mt DATE) RETURNS BIGINT
    IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN f >= t THEN 0
                WHEN factor < 0 OR price < 0
                    THEN -((-2 * price::BIGINT * factor * (t - f) + (mt - mf) * 10000::BIGINT)
                           / (20000::BIGINT * (mt - mf)))
                ELSE (2 * price::BIGINT * factor * (t - f) + (mt - mf) * 10000::BIGINT)
                     / (20000::BIGINT * (mt - mf)) END
$$;
"""
_TYPES = {"SMALLINT": "INTEGER", "BIGINT": "BIGINT", "VARCHAR": "TEXT", "VARCHAR[]": "TEXT[]"}
_NEED_NOT_BE_WRITTEN = {"entry"}
"""Tables that only DuckDB gains by."""
_FINDINGS = """
WITH summed AS (
    SELECT rule_id, subject, direction, exposure_class, sum(abs(cents))::BIGINT AS exposure_minor,
           coalesce(sum(abs(cents)) FILTER (WHERE period = (SELECT max(starts_on) FROM period)), 0)::BIGINT
               AS run_rate_minor,
           min(period) AS evidence_from, (max(period) + INTERVAL '1 month')::DATE AS evidence_to
    FROM found
    GROUP BY rule_id, subject, direction, exposure_class
), proof AS (
    SELECT rule_id, subject, direction, exposure_class, (array_agg(DISTINCT ref ORDER BY ref))[1:24] AS evidence
    FROM found, unnest(evidence) AS ref
    GROUP BY rule_id, subject, direction, exposure_class
)
SELECT substr(encode(sha256(convert_to(
           concat_ws(chr(31), rule_id, 'riverbend', subject, direction, exposure_class), 'UTF8')), 'hex'), 1, 16)
           AS fingerprint, summed.*, evidence
FROM summed
LEFT JOIN proof USING (rule_id, subject, direction, exposure_class)
"""


def judge_with_postgresql(snapshot: Path, output: Path) -> None:
    """Write ``finding.parquet`` of a snapshot into a folder."""
    started = time.perf_counter()
    with (
        postgres_server(listed_peers()["postgresql"].find()[0]) as server,
        psycopg.connect(server.url(server.create_database()), autocommit=True) as connection,
    ):
        connection.execute(_SETTINGS)
        for table in (*SERVICE_TABLES, *SERIAL_TABLES, *SMALL_TABLES):
            _fill(connection, table, _files(snapshot, table))
        filled = time.perf_counter()
        for part in ("services", "devices"):
            for statement in _in_its_dialect(script_of(part)):
                connection.execute(statement.encode())
            connection.execute(f"ALTER TABLE found RENAME TO found_{part}".encode())
        connection.execute("CREATE VIEW found AS SELECT * FROM found_services UNION ALL SELECT * FROM found_devices")
        cursor = connection.execute(_FINDINGS)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        judged = time.perf_counter()
    pq.write_table(pa.Table.from_pylist(rows), output / "finding.parquet")
    told = {"started and filled": round(filled - started, 2), "judged": round(judged - filled, 2)}
    print(f"  seconds of PostgreSQL: {json.dumps(told)}", file=sys.stderr)


def _files(snapshot: Path, table: str) -> str:
    if table in SMALL_TABLES:
        return str(snapshot / "dimensions" / f"{table}.parquet")
    part = "by_service" if table in SERVICE_TABLES else "by_serial"
    return str(snapshot / part / "*" / f"{table}.parquet")


def _fill(connection: psycopg.Connection, table: str, files: str) -> None:
    """Make a table and fill it from Parquet files, block by block."""
    with duckdb.connect() as engine:
        relation = engine.read_parquet(files)
        columns = {name: str(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}
        defined = ", ".join(f'"{name}" {_TYPES.get(kind, kind)}' for name, kind in columns.items())
        connection.execute(f"CREATE UNLOGGED TABLE {table} ({defined})".encode())
        told = [
            f"'{{' || array_to_string(\"{name}\", ',') || '}}'" if kind.endswith("[]") else f'"{name}"::VARCHAR'
            for name, kind in columns.items()
        ]
        into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with connection.cursor().copy(into) as copy:
            lines = f"concat_ws(chr(9), {', '.join(_or_null(one) for one in told)})"
            for batch in relation.project(lines).fetch_arrow_reader():
                copy.write("\n".join(batch.column(0).to_pylist()) + "\n")
    connection.execute(f"ANALYZE {table}".encode())


def _or_null(text: str) -> str:
    return f"coalesce({text}, '\\N')"


def _in_its_dialect(script: str) -> Iterable[str]:
    for statement in sqlglot.parse(script, read="duckdb"):
        if statement is None or statement.find(exp.UserDefinedFunction) or isinstance(statement, exp.Drop):
            continue  # the macro is a function above, and a view stays
        changed = statement.transform(_as_it_says)
        if is_view := isinstance(statement, exp.Create) and statement.this.name in _NEED_NOT_BE_WRITTEN:
            changed.set("kind", "VIEW")
        yield changed.sql(dialect="postgres", comments=False)
        if isinstance(statement, exp.Create) and not is_view:
            yield f"ANALYZE {statement.this.sql(dialect='postgres')}"


def _as_it_says(node: exp.Expression) -> Any:
    """What the translation leaves as it is, in words of PostgreSQL 15."""
    if isinstance(node, exp.IgnoreNulls):
        return _as_it_says(node.this)
    if isinstance(node, exp.ArgMax):
        chosen = exp.Ordered(this=node.expression, desc=True)
        ordered = exp.Order(this=node.this, expressions=[chosen])
        return exp.Bracket(this=exp.Paren(this=exp.ArrayAgg(this=ordered)), expressions=[exp.Literal.number(0)])
    if isinstance(node, exp.AnyValue):
        return exp.Min(this=node.this)
    if isinstance(node, exp.Flatten):
        return exp.func("joined", node.this.this)
    return node
