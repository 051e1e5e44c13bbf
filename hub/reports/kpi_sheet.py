"""The sheet of KPIs: figures as numbers, of how many, and who was left out and why."""

from collections.abc import Iterator
from decimal import Decimal

from hub.reports.amounts import major
from hub.reports.cells import Column
from hub.reports.kpi_words import GOOD_NAMES, STAGE_NAMES
from hub.reports.sheets import Place, Row
from reconciliation.kpis.definition import Unit
from reconciliation.kpis.results import KpiResult, Measured, value_of

_KPIS = (
    Column("Stage", 13),
    Column("KPI", 36),
    Column("Group", 16),
    Column("Value", 15, "figure"),
    Column("Unit", 10),
    Column("Median", 13, "figure"),
    Column("90 %", 13, "figure"),
    Column("Unit of these", 11),
    Column("Population", 11, "count"),
    Column("Measured", 11, "count"),
    Column("Left out, and why", 60, "long_text"),
    Column("Good", 17),
    Column("Definition", 90, "long_text"),
)


def write_kpis(place: Place) -> None:
    """One row a KPI and one each group of it; an unknown one says why in the place of figures."""
    place.table(_KPIS, _rows(place.report.kpis), frozen_columns=2)


def _rows(results: tuple[KpiResult, ...]) -> Iterator[Row]:
    for result in results:
        yield _row(result, "", result.whole)
        for name, group in result.groups.items():
            yield _row(result, name, group)


def _row(result: KpiResult, group: str, measured: Measured) -> Row:
    kpi, is_known = result.kpi, not result.unknown
    reasons = [f"{count:,} {why}" for why, count in measured.left_out.items()]
    told = [result.unknown, *reasons, result.caveat]
    spread = kpi.spread_unit
    return (
        STAGE_NAMES[kpi.stage],
        kpi.title,
        group.replace("_", " "),
        _number(value_of(kpi, measured), kpi.unit, result.currency) if is_known else "unknown",
        _unit(kpi.unit, result.currency),
        _number(measured.median, spread, result.currency),
        _number(measured.p90, spread, result.currency),
        _unit(spread, result.currency),
        measured.population if is_known else None,
        measured.measured if is_known else None,
        "; ".join(filter(None, told)),
        GOOD_NAMES[kpi.good],
        kpi.definition,
    )


def _number(value: Decimal | int | None, unit: Unit | None, currency: str) -> Decimal | int | None:
    return major(value, currency) if unit == "money" and isinstance(value, int) else value


def _unit(unit: Unit | None, currency: str) -> str:
    return currency if unit == "money" else unit or ""
