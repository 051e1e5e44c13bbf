"""Take a snapshot: write the records, assemble what was delivered and billed, cut it into buckets, seal it."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from math import ceil
from pathlib import Path

import duckdb
import pyarrow as pa

from canonical_model.catalogue import Catalogue
from canonical_model.errors import RetryableError, UnsafeToContinue
from canonical_model.intervals import add_months, calendar_months
from canonical_model.markets import Market
from reconciliation.billing_calendars import create_billing_calendars
from reconciliation.engines.databases import create_small_table, database_in, instance, run_script
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.faults import resource_faults
from reconciliation.freshness import ALL_OF_IT
from reconciliation.one_at_a_time import one_at_a_time
from reconciliation.price_book import COLUMNS, PriceBook, build_price_book
from reconciliation.proration import proration_macros
from reconciliation.snapshot.elsewhere import create_elsewhere, write_state
from reconciliation.snapshot.manifest import MANIFEST_FILE, Feed, Manifest, SinceWhole
from reconciliation.snapshot.table_files import checksums_below, control_totals, write_records, write_tables
from reconciliation.snapshot.tables import snake_case

ASSEMBLY = (
    "10_identity",
    "12_field_work",
    "13_stock",
    "14_typing_mistakes",
    "16_subscriptions",
    "18_cut_overs",
    "20_service",
    "25_absences",
    "26_calendars",
    "27_stretches",
    "30_tiers",
    "40_entitlements",
    "42_fees",
    "45_bill_lines",
    "48_posted_lines",
    "50_billed",
    "55_bill_runs",
    "60_facts",
    "90_migration",
    "92_balances",
    "65_corrections",
    "70_devices",
    "71_crossed_devices",
    "72_stock_items",
    "75_orders",
    "76_partners",
    "77_work_orders",
    "78_dealings",
    "79_contractors",
    "81_promised_credits",
    "82_credits_owed",
    "83_billing_items",
    "84_reservations",
    "86_wholesale",
    "88_bill_patterns",
    "80_not_judged",
    "85_bills_not_judged",
    "95_service_orders",
)
SERVICES_IN_A_BUCKET = 100_000


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What a snapshot is taken of, and under which rules.

    Attributes:
        months: how many whole months before ``as_of`` are judged, if bills reach back so far.
        rules: the effective rules as text that loads again.
        sources: the operator's other files as they are, by name.
        buckets: how many to cut into; None lets the number of services decide.
        elsewhere: what is known of accounts that are not among the records; None where all are.
        period_from: first judged day; None lets the bills decide.
        changes: the whole snapshot that it stands beside; None where it is whole itself.
        shrink_percent: a feed that lost a larger share of its records is not judged by.
    """

    operator: str
    market: Market
    as_of: datetime
    catalogue: Catalogue
    rules: str
    sources: Mapping[str, str]
    feeds: tuple[Feed, ...]
    months: int = 24
    buckets: int | None = None
    shrink_percent: Decimal = ALL_OF_IT
    elsewhere: Path | None = None
    period_from: date | None = None
    changes: SinceWhole | None = None


def write_snapshot(
    folder: Path,
    request: SnapshotRequest,
    records: Mapping[str, tuple[pa.Schema, Iterable[pa.RecordBatch]]],
    limits: EngineLimits | None = None,
    engine: duckdb.DuckDBPyConnection | None = None,
    held: Mapping[str, str] | None = None,
) -> Manifest:
    """Write a snapshot into a folder that does not exist yet; it appears whole or not at all.

    Args:
        folder: where the snapshot will be.
        request: what it is taken of.
        records: for every entity its Arrow schema and its current records of the market.
        limits: what the assembly may use: the memory of all processes together.
        engine: that assembles, within these limits; None makes one.
        held: by entity the relation of this engine that holds its ``records``, which are only written then.

    Raises:
        UnsafeToContinue: the folder exists; a snapshot is never overwritten.
        ConfigurationError: the catalogue contradicts itself.
        RetryableError: memory or disk is short, or another process writes this snapshot.
    """
    limits = limits or EngineLimits()
    partial = folder.with_name(folder.name + ".partial")
    work = f"snapshot {folder.name}"
    with one_at_a_time(folder, f"writing {work}"):
        if folder.exists():
            raise UnsafeToContinue(f"{work} exists; a snapshot is never overwritten")
        try:
            with resource_faults(work, limits.memory_together_mb, limits.spill_together_mb):
                shutil.rmtree(partial, ignore_errors=True)
                manifest = _write_into(partial, request, records, limits, engine, held)
                partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return manifest


def clear_broken_off(parent: Path) -> None:
    """Remove what killed writers left half done in a folder of snapshots; nobody may come back to that moment."""
    for partial in parent.glob("*.partial"):
        with suppress(RetryableError), one_at_a_time(partial.with_suffix(""), "writing a snapshot"):
            shutil.rmtree(partial, ignore_errors=True)


def _write_into(
    partial: Path,
    request: SnapshotRequest,
    records: Mapping[str, tuple[pa.Schema, Iterable[pa.RecordBatch]]],
    limits: EngineLimits,
    engine: duckdb.DuckDBPyConnection | None,
    held: Mapping[str, str] | None,
) -> Manifest:
    partial.mkdir(parents=True)
    rows = {f"records/{entity}": write_records(partial, entity, *given) for entity, given in records.items()}
    with (
        _assembling(partial / "spill", limits) if engine is None else nullcontext(engine) as shared,
        database_in(shared) as connection,
    ):
        sources = held or {entity: f"read_parquet('{partial / 'records' / entity}.parquet')" for entity in records}
        for entity, source in sources.items():
            connection.execute(f"CREATE VIEW {snake_case(entity)} AS FROM {source}")
        period_from, period_to = _judged_period(connection, request)
        billable_from = add_months(period_to, -request.catalogue.back_bill_months)
        months = list(calendar_months(period_from, period_to))
        book = build_price_book(request.catalogue, request.market, months, billable_from)
        _assemble(connection, request, book, period_from, billable_from)
        buckets = request.buckets or _buckets_for(connection)
        rows |= write_tables(connection, partial, buckets)
        write_state(connection, partial, is_whole=request.elsewhere is None)
        totals = control_totals(connection)
    manifest = Manifest(
        operator=request.operator,
        market=request.market,
        as_of=request.as_of,
        period_from=period_from,
        period_to=period_to,
        service_buckets=buckets,
        serial_buckets=buckets,
        document_buckets=buckets,
        rows=rows,
        control_totals=totals,
        feeds=request.feeds,
        catalogue=request.catalogue,
        rules=request.rules,
        sources=request.sources,
        checksums=checksums_below(partial),
        shrink_percent=request.shrink_percent,
        changes=request.changes,
    )
    text = manifest.as_text()
    (partial / MANIFEST_FILE).write_text(text, encoding="utf-8")
    return Manifest.read(text)


@contextmanager
def _assembling(spill: Path, limits: EngineLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    with instance(limits.processes, limits.memory_together_mb, spill, limits.spill_together_mb) as shared:
        yield shared
    shutil.rmtree(spill, ignore_errors=True)


def _judged_period(connection: duckdb.DuckDBPyConnection, request: SnapshotRequest) -> tuple[date, date]:
    """Whole months that have ended, back to the first one with a bill, and no further than was asked."""
    until = request.market.local_date(request.as_of).replace(day=1)
    if request.period_from is not None:
        return request.period_from, until
    earliest = add_months(until, -request.months)
    row = connection.execute("SELECT min(covers_from) FROM charge_line WHERE covers_from >= ?", [earliest]).fetchone()
    first_bill = row[0] if row and row[0] else add_months(until, -1)
    return min(first_bill.replace(day=1), add_months(until, -1)), until


def _assemble(
    connection: duckdb.DuckDBPyConnection,
    request: SnapshotRequest,
    book: PriceBook,
    period_from: date,
    billable_from: date,
) -> None:
    proration = request.catalogue.proration[request.market.id]
    for statement in proration_macros(proration, book.price_scale):
        connection.execute(statement)
    zone = request.market.zone
    connection.execute(f"CREATE MACRO local_date(moment) AS CAST(timezone('{zone}', moment) AS DATE)")
    connection.execute(f"CREATE MACRO as_of_day() AS DATE '{request.market.local_date(request.as_of)}'")
    connection.execute(f"CREATE MACRO as_of_moment() AS TIMESTAMPTZ '{request.as_of.isoformat()}'")
    connection.execute(f"CREATE MACRO market_currency() AS '{request.market.currency}'")
    goodwill = [(reason.casefold(),) for reason in request.catalogue.goodwill_reasons]
    create_small_table(connection, "goodwill", "reason VARCHAR", goodwill)
    for table, columns in COLUMNS.items():
        create_small_table(connection, table, columns, getattr(book, table))
    create_billing_calendars(connection, period_from, request.market.local_date(request.as_of), billable_from)
    create_elsewhere(connection, request.elsewhere)
    for step in ASSEMBLY:
        run_script(connection, assembly_sql(step))


def _buckets_for(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT count(*) FROM service").fetchone()
    return max(1, ceil((row[0] if row else 0) / SERVICES_IN_A_BUCKET))


def assembly_sql(step: str) -> str:
    """The SQL of one step of the assembly."""
    return files("reconciliation").joinpath("assembly", f"{step}.sql").read_text(encoding="utf-8")
