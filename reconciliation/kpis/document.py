"""KPIs as JSON, for other programs: on the command line and in the file of a run."""

from typing import Any

from reconciliation.kpis.results import KpiResult, Measured, value_of


def kpi_facts(result: KpiResult) -> dict[str, Any]:
    """A result as JSON holds it; money in minor units, quotients as text with six decimals."""
    kpi = result.kpi
    return {
        "kpi": kpi.id,
        "title": kpi.title,
        "market": result.market,
        "stage": kpi.stage,
        "unit": kpi.unit,
        "currency": result.currency or None,
        "good": kpi.good,
        "figure": kpi.figure,
        **_figures(result, result.whole),
        "groups": {name: _figures(result, group) for name, group in result.groups.items()},
        "unknown": result.unknown or None,
        "caveat": result.caveat or None,
        "definition": kpi.definition,
        "population_is": kpi.population,
        "spread_of": kpi.spread.of if kpi.spread else None,
        "spread_unit": kpi.spread_unit,
    }


def _figures(result: KpiResult, measured: Measured) -> dict[str, Any]:
    if result.unknown:
        names = ("value", "numerator", "denominator", "median", "p90", "population", "measured")
        return dict.fromkeys(names) | {"left_out": {}}
    value = value_of(result.kpi, measured)
    return {
        "value": value if value is None or isinstance(value, int) else str(value),
        "numerator": measured.numerator,
        "denominator": measured.denominator,
        "median": measured.median,
        "p90": measured.p90,
        "population": measured.population,
        "measured": measured.measured,
        "left_out": dict(measured.left_out),
    }
