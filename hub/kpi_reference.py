"""The reference page of KPIs: definition, population, what is left out, and the SQL, straight from their files."""

from collections.abc import Iterator

from hub.reports.kpi_words import GOOD_NAMES, STAGE_NAMES
from reconciliation.kpis.definition import STAGES, Kpi, our_kpis
from reconciliation.kpis.views import KPI_VIEWS

_HEAD = (
    "Each is computed of a snapshot and of the findings that stand for it. Median and 90th percentile are by the"
    " nearest rank: the smallest value that so many percent of the values do not exceed, nothing interpolated."
    " Minutes are whole, money is in minor units. Who is left out of a population is counted by reason; a KPI whose"
    " entities nobody brings, or whose feeds are stale or not whole, is unknown.\n"
)
_FIGURES = {
    "median": "median of `{value}`",
    "sum": "sum of `{value}`",
    "share": "sum of `{value}` to that of `{per}`",
    "mean": "sum of `{value}` to that of `{per}`",
}


def kpi_sections() -> Iterator[str]:
    """The text of the page, part by part."""
    yield _HEAD
    for stage in STAGES:
        yield f"## {STAGE_NAMES[stage]}\n"
        for kpi in our_kpis():
            if kpi.stage == stage:
                yield _section(kpi)
    yield "## Views\n"
    for view in KPI_VIEWS.values():
        columns = ", ".join(f"`{name}` {kind}" for name, kind in view.schema.items())
        yield f"### {view.name}\n\n{view.meaning}\n\n{columns}\n"


def _section(kpi: Kpi) -> str:
    facts = [
        ("id", f"`{kpi.id}`"),
        ("population", kpi.population),
        ("over", f"`{kpi.over}`" + ("" if kpi.where == "TRUE" else f" where `{kpi.where}`")),
        ("value", _FIGURES[kpi.figure].format(value=kpi.value, per=kpi.per if kpi.per != "1" else "rows")),
        ("unit", kpi.unit),
        ("median and 90 %", f"of {kpi.spread.of}: `{kpi.spread.value}`" if kpi.spread else ""),
        ("told apart by", f"`{kpi.by}`" if kpi.by else ""),
        ("good", GOOD_NAMES[kpi.good]),
        ("left out", "; ".join(f"{each.why} (`{each.when}`)" for each in kpi.left_out)),
        ("needs", f"{', '.join(kpi.needs)}, not older than {kpi.max_age_hours} h" if kpi.needs else ""),
        ("of findings", "rules that could not judge are told as a gap" if kpi.is_of_findings else ""),
    ]
    rows = "\n".join(f"| {name} | {said.replace('|', chr(92) + '|')} |" for name, said in facts if said)
    return f"### {kpi.title}\n\n{kpi.definition}\n\n|  |  |\n|---|---|\n{rows}\n"
