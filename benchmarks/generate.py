"""Make a snapshot of any size with planted mistakes, and the findings it must give, in flat memory."""

import hashlib
import shutil
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.charging import charge
from benchmarks.empty_snapshot import empty_tables
from benchmarks.measured_operator import (
    AS_OF,
    CATALOGUE,
    MARKET,
    PERIOD_FROM,
    PERIOD_TO,
    effective_rules,
    price_arrays,
)
from benchmarks.population import CHUNK, populate
from benchmarks.snapshot_files import BucketFiles, write_dimensions
from benchmarks.tables import billed_lines, devices, ghosts, service_tables, shared_charges
from benchmarks.truth import Truth, fingerprint, planted_findings
from reconciliation.snapshot.manifest import FORMAT, MANIFEST_FILE, Feed, Manifest, file_checksum
from reconciliation.snapshot.tables import DOCUMENT_TABLES
from reconciliation.snapshot.write import SERVICES_IN_A_BUCKET

MADE_BY = (
    "charging",
    "days",
    "empty_snapshot",
    "generate",
    "lives",
    "measured_operator",
    "population",
    "snapshot_files",
    "tables",
    "truth",
)
"""Modules that decide what a snapshot holds; when one changes, snapshots are made anew."""
SNAPSHOT, TRUTH_FILE, STAMP_FILE = "snapshot", "truth.parquet", "made_by"


@dataclass(frozen=True, slots=True)
class Made:
    """Where a generated snapshot and its truth lie."""

    snapshot: Path
    truth: Path
    lines: int


def make_snapshot(folder: Path, services: int) -> Made:
    """Make a snapshot of so many services, or take the one that is there if the same code made it."""
    place = folder / str(services)
    stamp = _stamp(services)
    if not (place / STAMP_FILE).is_file() or (place / STAMP_FILE).read_text() != stamp:
        shutil.rmtree(place, ignore_errors=True)
        _make(place, services)
        (place / STAMP_FILE).write_text(stamp)
    manifest = Manifest.model_validate_json((place / SNAPSHOT / MANIFEST_FILE).read_text())
    return Made(place / SNAPSHOT, place / TRUTH_FILE, manifest.rows["by_service/billed"])


def _stamp(services: int) -> str:
    made_of = [(Path(__file__).parent / f"{module}.py").read_bytes() for module in MADE_BY]
    made_for = f"{services} {FORMAT}\n{effective_rules()}".encode()
    return hashlib.sha256(b"".join([*made_of, made_for])).hexdigest()


def _make(place: Path, services: int) -> None:
    snapshot = place / SNAPSHOT
    prices = price_arrays()
    buckets = max(1, ceil(services / SERVICES_IN_A_BUCKET))
    rows = write_dimensions(snapshot) | {f"by_document/{table}": 0 for table in DOCUMENT_TABLES}
    truth: list[Truth] = []
    billed = 0
    with BucketFiles(snapshot, buckets) as files:
        for chunk in range(ceil(services / CHUNK)):
            population = populate(chunk, min(CHUNK, services - chunk * CHUNK))
            lines, twice = charge(population.billed, prices), charge(population.again, prices)
            billed += int(lines.amount_minor.sum() + twice.amount_minor.sum())
            bill = billed_lines(population, lines, twice, chunk)
            files.append(service_tables(population, prices) | {"billed": bill})
            found, ghost_table = ghosts(chunk, len(population.cause), prices)
            seen = pa.concat_tables([devices(population), ghost_table]).sort_by("serial")
            shared = shared_charges(population, lines, bill)
            files.append(empty_tables("serial") | {"device_state": seen, "shared_charge": shared})
            truth += [*planted_findings(population, prices), *found]
    _write_truth(place / TRUTH_FILE, truth)
    manifest = Manifest(
        operator="Benchmark",
        market=MARKET,
        as_of=AS_OF,
        period_from=PERIOD_FROM,
        period_to=PERIOD_TO,
        service_buckets=buckets,
        serial_buckets=buckets,
        document_buckets=0,
        rows=rows | files.rows,
        control_totals={"billed_minor": billed, "billed_lines": files.rows["by_service/billed"]},
        feeds=tuple(
            Feed(role=role, system=role, stream="all", last_success_at=AS_OF)
            for role in ("crm", "billing", "field", "network")
        ),
        catalogue=CATALOGUE,
        rules=effective_rules(),
        sources={},
        checksums={
            str(path.relative_to(snapshot)): file_checksum(path) for path in sorted(snapshot.rglob("*.parquet"))
        },
    )
    (snapshot / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")


def _write_truth(path: Path, truth: list[Truth]) -> None:
    columns = list(zip(*truth, strict=True))
    names = ("rule_id", "subject", "direction", "exposure_class", "exposure_minor")
    table = pa.table(dict(zip(names, map(list, columns), strict=True)))
    prints = [fingerprint(*finding[:4]) for finding in truth]
    pq.write_table(table.add_column(0, "fingerprint", pa.array(prints)), path)
