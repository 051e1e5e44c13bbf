"""The sheets of what changed from run to run and of cohorts: one line a fact, so that a pivot table can turn them."""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal

from hub.reports.amounts import major
from hub.reports.cells import Column
from hub.reports.sheets import Place, Row
from hub.reports.wording import kind_words, spoken
from reconciliation.kpis.definition import Unit
from reconciliation.kpis.results import value_of
from reconciliation.report import MarketReport
from reconciliation.run_history import PastRun

_TREND = (
    Column("Run", 8, "count"),
    Column("As of (UTC)", 20),
    Column("Day", 12, "date"),
    Column("Measure", 26),
    Column("Direction", 14),
    Column("Class", 14),
    Column("Hand-off", 24),
    Column("Rule", 10),
    Column("Value", 16, "figure"),
    Column("Unit", 10),
    Column("Rules that could not judge", 12, "count"),
)
_COHORTS = (
    Column("Cohort", 10),
    Column("Name", 22),
    Column("Measure", 22),
    Column("Direction", 14),
    Column("Class", 14),
    Column("Value", 16, "figure"),
    Column("Unit", 10),
    Column("Latitude", 12, "figure"),
    Column("Longitude", 12, "figure"),
)
_COHORT_NAMES = {"month": "Month", "hub": "Hub"}


def write_trend(place: Place) -> None:
    """One line a run and figure: money of each rule, direction and class, counts, and KPIs."""
    place.table(_TREND, _trend_rows(place.report), frozen_columns=3)


def write_cohorts(place: Place) -> None:
    """One line a cohort and figure."""
    place.table(_COHORTS, _cohort_rows(place.report), frozen_columns=2)


def _trend_rows(report: MarketReport) -> Iterator[Row]:
    for run in report.history:
        moment = run.as_of.astimezone(UTC)
        start: Row = (run.run_id, f"{moment:%Y-%m-%d %H:%M:%S}", moment.date())
        for measure, *cells in _facts(run, report.currency):
            yield (*start, measure, *cells, len(run.silent))


def _facts(run: PastRun, currency: str) -> Iterator[Row]:
    for total in run.totals:
        kind = (*kind_words((total.direction, total.exposure_class)), spoken(total.handoff), total.rule_id)
        yield ("Exposure", *kind, major(total.exposure_minor, currency), currency)
        yield ("Monthly run rate", *kind, major(total.run_rate_minor, currency), currency)
        yield ("Findings", *kind, total.findings, "count")
        yield ("Findings explained by others", *kind, total.explained, "count")
    for name, number in (
        ("New findings", run.new),
        ("Findings there again", run.again),
        ("Findings whose money came", run.recovered),
        ("Findings vanished", run.vanished),
    ):
        yield (name, "", "", "", "", number, "count")
    for result in run.kpis.values():
        value = None if result.unknown else value_of(result.kpi, result.whole)
        if value is not None:
            figure, unit = _figure(value, result.kpi.unit, result.currency)
            yield (f"KPI: {result.kpi.title}", "", "", "", "", figure, unit)


def _figure(value: Decimal | int, unit: Unit, currency: str) -> tuple[Decimal | int, str]:
    if unit == "money" and isinstance(value, int):
        return major(value, currency), currency
    return value, currency if unit == "money" else unit


def _cohort_rows(report: MarketReport) -> Iterator[Row]:
    for cohort in report.cohorts:
        name = (_COHORT_NAMES[cohort.kind], cohort.name or "not known, or on no service")
        place = (_degrees(cohort.latitude_micro), _degrees(cohort.longitude_micro))
        yield (*name, "Services", "", "", cohort.services, "count", *place)
        yield (*name, "Services with findings", "", "", cohort.services_found, "count", *place)
        for one in cohort.money:
            kind = kind_words((one.direction, one.exposure_class))
            yield (*name, "Exposure", *kind, major(one.exposure_minor, report.currency), report.currency, *place)
            yield (*name, "Findings", *kind, one.findings, "count", *place)


def _degrees(micro: int | None) -> Decimal | None:
    return None if micro is None else Decimal(micro) / 1_000_000
