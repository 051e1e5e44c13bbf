"""Compute cohorts of a snapshot and of findings in DuckDB, within the memory of the engine."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from reconciliation.cohorts.cohort import Cohort, CohortMoney
from reconciliation.engines.bounded import bounded_connection
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.faults import resource_faults
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES, Finding
from reconciliation.incremental.parts import OF_RECORD, OF_SERVICE, relation
from reconciliation.snapshot.manifest import Manifest, parts_of

_FINDING = pa.schema(
    [
        ("subject_kind", pa.string()),
        ("subject", pa.string()),
        ("direction", pa.string()),
        ("exposure_class", pa.string()),
        ("exposure_minor", pa.int64()),
    ]
)
_NO_PREMISES = (
    "SELECT NULL::VARCHAR AS source_id, NULL::VARCHAR AS hub, NULL::DOUBLE AS latitude, NULL::DOUBLE AS longitude"
    " LIMIT 0"
)


def is_divisible(folder: Path) -> bool:
    """Whether a snapshot holds what cohorts are computed of; those of older versions do not."""
    return (folder / "records" / "ProductOrder.parquet").is_file() and any(
        folder.glob("by_service/*/service.parquet")
    )


def cohorts(folder: Path, manifest: Manifest, findings: Iterable[Finding], limits: EngineLimits) -> list[Cohort]:
    """The services of a market by the month in which they began, and by hub; each sums up to all of the money.

    Places of premises are those of the last whole snapshot.

    Args:
        folder: the snapshot.
        manifest: of it.
        findings: that stand for it.
        limits: memory and disk.

    Raises:
        RetryableError: memory or disk is short.
    """
    carrying = [
        {name: getattr(finding, name) for name in _FINDING.names}
        for finding in findings
        if finding.explained_by is None
    ]
    with (
        resource_faults(f"cohorts of {manifest.market.id}", limits.memory_together_mb, limits.spill_together_mb),
        bounded_connection(limits) as connection,
    ):
        services = relation(folder, manifest, "by_service/*/service.parquet", OF_SERVICE)
        connection.execute(f"CREATE VIEW service AS {services}")
        orders = relation(folder, manifest, "records/ProductOrder.parquet", OF_RECORD)
        connection.execute(f"CREATE VIEW product_order AS {orders}")
        connection.execute(f"CREATE VIEW premise AS {_premises(folder, manifest)}")
        connection.register("finding", pa.Table.from_pylist(carrying, _FINDING))
        connection.execute(files("reconciliation").joinpath("cohorts", "cohorts.sql").read_text(encoding="utf-8"))
        return _cohorts(connection)


def _premises(folder: Path, manifest: Manifest) -> str:
    path = parts_of(folder, manifest)[-1] / "records" / "Premise.parquet"
    quoted = str(path).replace("'", "''")
    return f"FROM read_parquet('{quoted}')" if path.is_file() else _NO_PREMISES


def _cohorts(connection: duckdb.DuckDBPyConnection) -> list[Cohort]:
    money: dict[tuple[str, str], list[CohortMoney]] = {}
    query = "SELECT kind, name, direction, exposure_class, findings, exposure_minor FROM cohort_money"
    for kind, name, *values in connection.execute(query).fetchall():
        money.setdefault((kind, name), []).append(CohortMoney(*values))
    found = [
        Cohort(kind, name, services, hit, _in_order(money.pop((kind, name), [])), latitude, longitude)
        for kind, name, services, hit, latitude, longitude in connection.execute(
            "SELECT kind, name, services, services_found, latitude_micro, longitude_micro FROM cohort"
        ).fetchall()
    ]
    found += [Cohort(kind, name, 0, 0, _in_order(of_it)) for (kind, name), of_it in money.items()]  # type: ignore[arg-type]
    return sorted(found, key=lambda cohort: (cohort.kind, cohort.name))


def _in_order(money: Iterable[CohortMoney]) -> tuple[CohortMoney, ...]:
    return tuple(
        sorted(money, key=lambda one: (DIRECTIONS.index(one.direction), EXPOSURE_CLASSES.index(one.exposure_class)))
    )
