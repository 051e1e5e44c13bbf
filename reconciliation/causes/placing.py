"""Read from a snapshot what the subjects of findings share, with how many subjects share it in all."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from reconciliation.causes.dimensions import KINDS
from reconciliation.causes.groups import CommonCauses, Member, Place, common_causes
from reconciliation.engines.bounded import bounded_connection
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.faults import resource_faults
from reconciliation.findings import Finding
from reconciliation.incremental.parts import (
    OF_DOCUMENT,
    OF_RECORD,
    OF_SERIAL,
    OF_SERVICE,
    missing_records,
    open_records,
    relation,
)
from reconciliation.snapshot.manifest import Manifest, parts_of
from reconciliation.snapshot.tables import SERVICE_ORDER

STEPS = ("05_documents", "10_subjects", "20_members", "30_places")
"""The SQL of the views, in order."""

STANDING = pa.schema(
    [
        ("fingerprint", pa.string()),
        ("subject_kind", pa.string()),
        ("subject", pa.string()),
        ("began", pa.date32()),
        ("charge", pa.string()),
    ]
)
"""One row a finding: the first day of the month in which its leak began, and the charge with most of its money."""

_DOCUMENTS = (
    "bill_stage",
    "payment_stage",
    "credit_stage",
    "promise_stage",
    "item_stage",
    "balance_stage",
    "partner_line",
    "credit_owed",
    "reservation_stage",
    "contractor_line",
)


def measure_causes(
    folder: Path, manifest: Manifest, findings: Iterable[Finding], limits: EngineLimits | None = None
) -> CommonCauses:
    """Tell what the findings on a snapshot have in common.

    Args:
        folder: the snapshot that was judged, whole or of changes.
        manifest: of it.
        findings: those that stand.
        limits: memory and disk, as for taking a snapshot.

    Returns:
        The groups; nothing but a reason where the snapshot is gone, in part or whole, or of an older version.

    Raises:
        RetryableError: memory or disk is short.
    """
    if why := _why_unknown(folder, manifest):
        return CommonCauses(unknown=why)
    standing = [one for one in findings if one.explained_by is None]
    return common_causes(standing, *read_places(folder, manifest, standing, limits or EngineLimits()))


def read_places(
    folder: Path, manifest: Manifest, standing: Sequence[Finding], limits: EngineLimits
) -> tuple[list[Place], list[Member]]:
    """To what each finding counts, and of how many subjects everything consists that findings may count to.

    Args:
        folder: a snapshot whose rows are there.
        manifest: of it.
        standing: findings that no other one explains.
        limits: memory and disk.

    Raises:
        RetryableError: memory or disk is short.
    """
    work = f"common causes of {manifest.market.id}"
    with (
        resource_faults(work, limits.memory_together_mb, limits.spill_together_mb),
        bounded_connection(limits) as connection,
    ):
        _open(connection, folder, manifest)
        connection.register("standing", pa.Table.from_pylist(list(_rows(standing)), STANDING))
        for step in STEPS:
            connection.execute(files("reconciliation").joinpath("causes", "views", f"{step}.sql").read_text("utf-8"))
        placed = connection.execute("SELECT fingerprint, kind, member, subject FROM cause_place").fetchall()
        # a bill is counted once by itself, and there are too many of them to compare
        counts = dict.fromkeys(KINDS, "count(DISTINCT subject)") | {"bill_run": "count(*)"}
        members = [
            Member(*row)
            for kind, counted in counts.items()
            for row in connection.execute(
                f"SELECT kind, member, {counted} FROM {kind}_member GROUP BY kind, member"
            ).fetchall()
        ]
    return [Place(*row) for row in placed], members


def _why_unknown(folder: Path, manifest: Manifest) -> str:
    for part in parts_of(folder, manifest):
        if not all((part / rows).is_dir() for rows in ("records", "by_service", "by_serial", "by_document")):
            return f"the rows of snapshot {part.name} are gone"
        if missing_records(part) or not any(part.glob(f"by_service/*/{SERVICE_ORDER}.parquet")):
            return f"snapshot {part.name} was taken before common causes were told"
    return ""


def _open(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> None:
    """The records and tables of a snapshot under their names, and the macros that the views use."""
    open_records(connection, folder, manifest)
    tables: dict[str, tuple[str, ...]] = {f"by_service/*/{table}": OF_SERVICE for table in ("service", SERVICE_ORDER)}
    tables |= {"by_serial/*/stock_item": OF_SERIAL, "records/Premise": OF_RECORD}
    tables |= {f"by_document/*/{table}": OF_DOCUMENT for table in _DOCUMENTS}
    for table, key in tables.items():
        name = table.rpartition("/")[2].lower()
        connection.execute(f"CREATE VIEW {name} AS {relation(folder, manifest, f'{table}.parquet', key)}")
    connection.execute("CREATE TABLE offering_charge (offering VARCHAR, charge VARCHAR)")
    for offering in manifest.catalogue.offerings:
        if offering.delivered_by == "access":
            continue  # a plan is named itself: that everybody has one is nothing to have in common
        connection.execute("INSERT INTO offering_charge VALUES (?, ?)", [offering.id, offering.charge])
    market = manifest.market
    connection.execute(f"CREATE MACRO local_date(moment) AS CAST(timezone('{market.zone}', moment) AS DATE)")
    connection.execute(f"CREATE MACRO period_from() AS DATE '{manifest.period_from}'")
    connection.execute(f"CREATE MACRO as_of_day() AS DATE '{market.local_date(manifest.as_of)}'")


def _rows(findings: Sequence[Finding]) -> Iterator[dict[str, object]]:
    """A leak that is lost in part and can be billed in part is two findings, and began with the first of them."""
    began: dict[tuple[str, str, str], date] = {}
    for one in findings:
        leak = (one.rule_id, one.subject, one.direction)
        began[leak] = min(began.get(leak, one.evidence_from), one.evidence_from)
    for one in findings:
        yield {
            "fingerprint": one.fingerprint,
            "subject_kind": one.subject_kind,
            "subject": one.subject,
            "began": began[one.rule_id, one.subject, one.direction].replace(day=1),
            "charge": _largest_charge(one),
        }


def _largest_charge(finding: Finding) -> str:
    amounts: dict[str, int] = {}
    for line in finding.lines:
        amounts[line.charge] = amounts.get(line.charge, 0) + line.exposure_minor
    return min(amounts, key=lambda charge: (-amounts[charge], charge), default="")
