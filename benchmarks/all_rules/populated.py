"""The analysis views of a simulated estate, many times over, so that every rule in force finds something in them.

An estate is built, written into a snapshot a market, and judged as always; what is found is held against the estate's
true ledger. Then the views over these snapshots are written as many times as is asked for, each copy under names of
its own, and what all rules must find in them is what they found, as many times.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from benchmarks.all_rules.contender import RULES_FILE
from canonical_model.errors import UnsafeToContinue
from console.proof import prove
from hub.operator_folder.load import Operator, load_operator
from reconciliation.engines.bucket import make_views
from reconciliation.engines.databases import small_database
from reconciliation.engines.duckdb_engine import EngineLimits, bucket_tasks
from reconciliation.findings import Finding
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import Feed, Manifest
from reconciliation.snapshot.write import SERVICES_IN_A_BUCKET, SnapshotRequest, write_snapshot
from rules.rulebook import dump_rules
from simulated_estate.estate import Estate, build_estate
from tests.fakes.estate_records import estate_records
from tests.fakes.small_operator import batches_by_entity

EXAMPLE = Path(__file__).parents[2] / "examples" / "lumen_valley"
NAMES = (
    "account",
    "adjustment",
    "balance",
    "bill",
    "billing_item",
    "case",
    "crossed_with",
    "field_serial",
    "first_account",
    "first_service",
    "invoice_line",
    "order",
    "order_number",
    "outage",
    "partner_line",
    "payment",
    "reservation",
    "serial",
    "service",
    "subscription_id",
    "told_serial",
    "wholesale_line",
    "work_order",
    "work_order_id",
)
"""Columns of the views that name something; each copy has names of its own."""

_TRUTH = """
COPY (
    SELECT rule_id, named(copy, subject) AS subject, direction, exposure_class, period, charge,
           sum(exposure_minor)::BIGINT AS exposure_minor
    FROM read_parquet('{judged}/by_*/*/hit.parquet') CROSS JOIN (SELECT range AS copy FROM range({copies}))
    WHERE exposure_minor <> 0
    GROUP BY ALL
) TO '{truth}/line.parquet' (FORMAT parquet);
COPY (
    SELECT rule_id, named(copy, subject) AS subject, list_transform(refs, lambda ref: named(copy, ref)) AS refs
    FROM (SELECT rule_id, subject, list_distinct(flatten(list(evidence))) AS refs
          FROM read_parquet('{judged}/by_*/*/proof.parquet') GROUP BY ALL)
    CROSS JOIN (SELECT range AS copy FROM range({copies}))
) TO '{truth}/proof.parquet' (FORMAT parquet);
"""
_NAMED = "CREATE MACRO named(copy, name) AS CASE WHEN name = '' THEN '' ELSE copy || '-' || name END"


@dataclass(frozen=True, slots=True)
class Populated:
    """Where populated views and what must be found in them lie.

    Attributes:
        folder: ``views/MARKET/by_PARTITION/NUMBER/VIEW_view.parquet``, ``truth/MARKET`` and the rules.
        rules: ids of those in force.
        services: in all copies.
        rows: of each view, in all copies and markets.
    """

    folder: Path
    rules: tuple[str, ...]
    services: int
    rows: dict[str, int]


def populate(folder: Path, subscribers: int, copies: int) -> Populated:
    """Make the views of an estate, so many times, in an empty folder.

    Raises:
        UnsafeToContinue: what is found in the estate is not its true ledger.
    """
    shutil.rmtree(folder, ignore_errors=True)
    operator, estate = load_operator(EXAMPLE), build_estate(subscribers)
    rules = operator.rulebook.rules
    folder.mkdir(parents=True)
    (folder / RULES_FILE).write_text(dump_rules(rules), encoding="utf-8")
    found: list[Finding] = []
    services, rows = 0, dict.fromkeys((rule.over for rule in rules), 0)
    for market, manifest in _snapshots(folder, operator, estate):
        judged = folder / "judged" / market
        found += reconcile(folder / "snapshots" / market, judged).findings
        services += manifest.rows["by_service/service"] * copies
        for view, written in _write_views(folder, market, manifest, copies):
            rows[view] = rows.get(view, 0) + written
        _write_truth(judged, folder / "truth" / market, copies)
    checks = {rule.id: rule.check or rule.id for rule in rules}
    ledger = [{name: getattr(entry, name) for name in entry.__slots__} for entry in estate.ledger]
    if wrong := [proof.check for proof in prove(found, checks, ledger) if not proof.is_exact]:
        raise UnsafeToContinue(f"what is found in the estate is not its true ledger: see {', '.join(wrong)}")
    return Populated(folder, tuple(rule.id for rule in rules), services, rows)


def _snapshots(folder: Path, operator: Operator, estate: Estate) -> Iterator[tuple[str, Manifest]]:
    records = estate_records(estate)
    feeds = tuple(
        Feed(role=role, system=role, stream="all", last_success_at=estate.as_of)
        for role in ("crm", "billing", "field", "network")
    )
    for name, market in operator.markets.items():
        request = SnapshotRequest(
            operator=operator.file.operator,
            market=market,
            as_of=estate.as_of,
            catalogue=operator.catalogue,
            rules=dump_rules(operator.rulebook.effective(name, market.local_date(estate.as_of))),
            sources={},
            feeds=feeds,
        )
        of_market = batches_by_entity(record for record in records if record.market == name)
        yield name, write_snapshot(folder / "snapshots" / name, request, of_market)


def _write_views(folder: Path, market: str, manifest: Manifest, copies: int) -> Iterator[tuple[str, int]]:
    """Write the views of a market, cut into buckets of the usual size; gives each view and its rows."""
    buckets = -(-manifest.rows["by_service/service"] * copies // SERVICES_IN_A_BUCKET)
    for task in bucket_tasks(folder / "snapshots" / market, manifest, (), folder, EngineLimits()):
        with small_database() as connection:
            connection.execute(_NAMED)
            make_views(connection, replace(task, idle_without={}))  # those without rows are written as well
            for bucket in range(buckets):
                place = folder / "views" / market / Path(task.bucket).parent / f"{bucket:04d}"
                place.mkdir(parents=True)
                mine = f"SELECT range AS copy FROM range({bucket}, {copies}, {buckets})"
                for view in task.subjects:
                    yield view, _write_view(connection, view, mine, place)
                if "service_state" in task.subjects:
                    # the engine writes what no rule explains beside its hits: here it is not measured
                    file = place / "difference_view.parquet"
                    connection.execute(f"COPY (FROM difference_view LIMIT 0) TO '{file}' (FORMAT parquet)")


def _write_view(connection: duckdb.DuckDBPyConnection, view: str, copies: str, place: Path) -> int:
    columns = [name for name, *_ in connection.execute(f"DESCRIBE {view}_view").fetchall()]
    named = [f'named(copy, "{name}") AS "{name}"' for name in columns if name in NAMES]
    named.append("list_transform(evidence, lambda ref: named(copy, ref)) AS evidence")
    query = f"SELECT v.* REPLACE ({', '.join(named)}) FROM {view}_view v CROSS JOIN ({copies}) ORDER BY copy"
    ((rows,),) = connection.execute(f"COPY ({query}) TO '{place / view}_view.parquet' (FORMAT parquet)").fetchall()
    return int(rows)


def _write_truth(judged: Path, truth: Path, copies: int) -> None:
    truth.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(_NAMED)
        connection.execute(_TRUTH.format(judged=judged, truth=truth, copies=copies))
