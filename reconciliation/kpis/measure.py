"""Compute KPIs of a snapshot and of findings in DuckDB, within the memory of the engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from canonical_model.errors import ConfigurationError
from canonical_model.intervals import add_months, calendar_months
from canonical_model.markets import Market
from reconciliation.engines.bounded import bounded_connection
from reconciliation.engines.duckdb_engine import EngineLimits
from reconciliation.engines.faults import resource_faults
from reconciliation.freshness import unfit_roles
from reconciliation.incremental.parts import OF_SERVICE, missing_records, open_records, relation
from reconciliation.kpis.definition import STAGES, Kpi, sql_of
from reconciliation.kpis.results import NO_VALUE, KpiResult, Measured
from reconciliation.kpis.views import STEPS, view_sql
from reconciliation.snapshot.manifest import Feed, Manifest
from reconciliation.snapshot.tables import snake_case

MONTHS_WITHOUT_BILLS = 12

FINDING_MONTH = pa.schema(
    [
        ("subject_kind", pa.string()),
        ("subject", pa.string()),
        ("account", pa.string()),
        ("direction", pa.string()),
        ("exposure_class", pa.string()),
        ("period", pa.date32()),
        ("starts_on", pa.date32()),
        ("exposure_minor", pa.int64()),
    ]
)
"""One row a line of a finding that stands: the month in which its billing period begins, and the day."""
RECOVERY = pa.schema(
    [
        ("fingerprint", pa.string()),
        ("direction", pa.string()),
        ("exposure_class", pa.string()),
        ("state", pa.string()),
        ("found_on", pa.date32()),
        ("ended_on", pa.date32()),
        ("identified_minor", pa.int64()),
        ("recovered_minor", pa.int64()),
        ("written_off_minor", pa.int64()),
    ]
)
"""One row a case; ``ended_on`` is the local day on which its money was seen, or it was written off."""


def measure(
    folder: Path,
    manifest: Manifest,
    kpis: Sequence[Kpi],
    finding_months: pa.Table,
    recoveries: pa.Table,
    feeds: Mapping[str, Sequence[Feed]],
    limits: EngineLimits | None = None,
    caveat: str = "",
) -> list[KpiResult]:
    """What KPIs come to in the market of a snapshot.

    Args:
        folder: the snapshot.
        manifest: of it.
        kpis: which.
        finding_months: the findings that stand, as ``FINDING_MONTH``.
        recoveries: the cases, as ``RECOVERY``.
        feeds: by entity, the feeds that bring it; of an entity that no feed brings nothing is known.
        limits: memory and disk, as for taking a snapshot.
        caveat: what is missing in findings.

    Raises:
        ConfigurationError: the snapshot was taken before KPIs were computed.
        RetryableError: memory or disk is short.
    """
    limits = limits or EngineLimits()
    market = manifest.market
    unknown = {kpi.id: why_unknown(kpi, feeds, manifest) for kpi in kpis}
    if all(unknown[kpi.id] for kpi in kpis):
        return [_result(kpi, market, unknown[kpi.id], {}, caveat) for kpi in kpis]
    results = []
    with (
        resource_faults(f"KPIs of {market.id}", limits.memory_together_mb, limits.spill_together_mb),
        _opened(folder, manifest, first_month(manifest, feeds), limits) as connection,
    ):
        connection.register("finding_month", finding_months)
        connection.register("recovery", recoveries)
        for step in STEPS:
            connection.execute(view_sql(step))
        for kpi in kpis:
            found = {} if unknown[kpi.id] else dict(_measured(connection, kpi))
            results.append(_result(kpi, market, unknown[kpi.id], found, caveat))
    return results


def first_month(manifest: Manifest, feeds: Mapping[str, Sequence[Feed]]) -> date:
    """The first day of the months that KPIs are of: the judged ones, or a year where no bills say which those are."""
    if feeds.get("ChargeLine"):
        return manifest.period_from
    return min(manifest.period_from, add_months(manifest.period_to, -MONTHS_WITHOUT_BILLS))


def is_measurable(folder: Path) -> bool:
    """Whether a snapshot holds all that KPIs are computed of; those of older versions do not."""
    return not missing_records(folder)


def _result(kpi: Kpi, market: Market, unknown: str, found: Mapping[str | None, Measured], caveat: str) -> KpiResult:
    return KpiResult(
        kpi=kpi,
        market=market.id,
        currency=market.currency if kpi.is_money else "",
        whole=found.get(None, Measured()),
        groups={name: found[name] for name in sorted(filter(None, found), key=_place)},
        unknown=unknown,
        caveat=caveat if kpi.is_of_findings else "",
    )


def why_unknown(kpi: Kpi, feeds: Mapping[str, Sequence[Feed]], manifest: Manifest) -> str:
    """Why nothing can be said of a KPI: an entity that nobody brings, or by feeds that may not be judged by."""
    for entity in kpi.needs:
        if not feeds.get(entity):
            return f"nothing is connected that tells of {_words(entity)}"
    marked = [feed.model_copy(update={"role": entity}) for entity in kpi.needs for feed in feeds[entity]]
    months_ended = datetime.combine(manifest.period_to, time(), ZoneInfo(manifest.market.zone))
    age = timedelta(hours=kpi.max_age_hours)
    unfit = unfit_roles(dict.fromkeys(kpi.needs, age), marked, manifest.as_of, months_ended, manifest.shrink_percent)
    return next(iter(unfit.values()), "")


def _place(name: str) -> tuple[int, str]:
    """Steps in the order of the work, other groups by name."""
    return next((place for place, stage in enumerate(STAGES) if stage == name), len(STAGES)), name


def _words(entity: str) -> str:
    return f"{snake_case(entity).replace('_', ' ')}s"


def _measured(connection: duckdb.DuckDBPyConnection, kpi: Kpi) -> Iterator[tuple[str | None, Measured]]:
    """The whole population under None, and each group under its name."""
    reasons = [each.why for each in kpi.left_out] + [NO_VALUE]
    whens = "".join(f" WHEN {sql_of(kpi, each.when)} THEN {place}" for place, each in enumerate(kpi.left_out))
    value = f"({sql_of(kpi, kpi.value)})::BIGINT"
    per = "1::BIGINT" if kpi.per == "1" else f"({sql_of(kpi, kpi.per)})::BIGINT"
    spread = value if kpi.spread is None else f"({sql_of(kpi, kpi.spread.value)})::BIGINT"
    by = f'"{kpi.by}"' if kpi.by else "NULL::VARCHAR"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE measured AS
        SELECT {by} AS name, CASE{whens} WHEN {value} IS NULL OR {per} IS NULL THEN {len(kpi.left_out)} END AS reason,
               {value} AS value, {per} AS per, {spread} AS spread
        FROM kpi_{kpi.over}_view
        WHERE {sql_of(kpi, kpi.where)}
        """
    )
    names: list[str | None] = [None]
    if kpi.by:
        names += [row[0] for row in connection.execute("SELECT DISTINCT name FROM measured").fetchall()]
    for name in names:
        of_it = "true" if name is None else "name = ?"
        given = [] if name is None else [name]
        counts = connection.execute(
            f"SELECT reason, count(*) FROM measured WHERE {of_it} GROUP BY reason ORDER BY reason", given
        ).fetchall()
        sums = connection.execute(
            f"SELECT coalesce(sum(value), 0)::BIGINT, coalesce(sum(per), 0)::BIGINT FROM measured"
            f" WHERE reason IS NULL AND {of_it}",
            given,
        ).fetchone()
        numerator, denominator = sums or (0, 0)
        values = ""
        histogram: list[tuple[int, int]] = []
        if kpi.spread_unit is not None:
            values = f"SELECT spread, count(*) FROM measured WHERE reason IS NULL AND spread IS NOT NULL AND {of_it}"
            histogram = connection.execute(f"{values} GROUP BY spread ORDER BY spread", given).fetchall()
        yield (
            name,
            Measured(
                population=sum(count for _, count in counts),
                left_out={reasons[place]: count for place, count in counts if place is not None},
                numerator=numerator,
                denominator=denominator,
                histogram=tuple(histogram),
            ),
        )


@contextmanager
def _opened(
    folder: Path, manifest: Manifest, period_from: date, limits: EngineLimits
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The records and tables of a snapshot under their names, and the macros that the views use."""
    market = manifest.market
    with bounded_connection(limits) as connection:
        if missing := missing_records(folder):
            raise ConfigurationError(
                f"snapshot {folder.name} holds no {_words(missing)}: it was taken before KPIs were computed; run"
                f" `splice reconcile {market.id}`"
            )
        open_records(connection, folder, manifest)
        services = relation(folder, manifest, "by_service/*/service.parquet", OF_SERVICE)
        connection.execute(f"CREATE VIEW service AS {services}")
        connection.read_parquet(str(folder / "dimensions" / "cost.parquet")).create_view("cost")
        connection.execute("CREATE TABLE period (starts_on DATE, ends_on DATE)")
        for month in calendar_months(period_from, manifest.period_to):
            connection.execute("INSERT INTO period VALUES (?, ?)", [month.start, month.end])
        connection.execute("CREATE TABLE goodwill (reason VARCHAR)")
        for reason in manifest.catalogue.goodwill_reasons:
            connection.execute("INSERT INTO goodwill VALUES (?)", [reason.casefold()])
        zone = market.zone
        connection.execute(f"CREATE MACRO local_date(moment) AS CAST(timezone('{zone}', moment) AS DATE)")
        connection.execute(
            "CREATE MACRO minutes_between(earlier, later) AS (epoch_us(later) - epoch_us(earlier)"
            " - ((epoch_us(later) - epoch_us(earlier)) % 60000000 + 60000000) % 60000000) // 60000000"
        )
        connection.execute(f"CREATE MACRO period_from() AS DATE '{period_from}'")
        connection.execute(f"CREATE MACRO period_to() AS DATE '{manifest.period_to}'")
        connection.execute(f"CREATE MACRO as_of_day() AS DATE '{market.local_date(manifest.as_of)}'")
        connection.execute(f"CREATE MACRO as_of_moment() AS TIMESTAMPTZ '{manifest.as_of.isoformat()}'")
        yield connection
