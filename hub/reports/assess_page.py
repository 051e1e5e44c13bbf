"""The assessment of a market as one page that needs nothing else: no request, no server, no script."""

from pathlib import Path

from hub.assessment import Assessment
from hub.reports import assess_charts, wording
from hub.reports.amounts import amount_text
from hub.reports.kpi_words import GOOD_NAMES, STAGE_NAMES, amount, spread_text, value_text
from hub.reports.source_text import file_stem
from hub.reports.templating import page_style, page_templates
from reconciliation.kpis.definition import STAGES
from reconciliation.kpis.results import KpiResult


def write_assessment(assessment: Assessment, folder: Path) -> Path:
    """Write the page into a folder, in the place of the one before.

    Returns:
        The file.
    """
    path = folder / f"{file_stem(assessment.kpis.manifest.market.id)}-assessment.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_assessment(assessment), encoding="utf-8")
    return path


def render_assessment(assessment: Assessment) -> str:
    """The page as HTML."""
    kpis, market = assessment.kpis, assessment.kpis.manifest.market
    templates = page_templates()
    templates.filters |= {
        "value": value_text,
        "money": lambda minor: amount_text(minor, market.currency),
        "number": lambda number: f"{number:,}",
        "spoken": lambda name: name.replace("_", " "),
        "day": lambda day: f"{day.day} {day:%b %Y}",
    }
    templates.globals |= {
        "spread": spread_text,
        "amount": amount,
        "stage_names": STAGE_NAMES,
        "good_names": GOOD_NAMES,
        "directions": wording.DIRECTION_NAMES,
        "classes": wording.CLASS_NAMES,
        "scopes": wording.SCOPE_NAMES,
    }
    return templates.get_template("assess.html.j2").render(
        style=page_style(),
        assessment=assessment,
        market=market,
        manifest=kpis.manifest,
        moment=f"{kpis.manifest.as_of:%Y-%m-%d %H:%M} UTC",
        headline=headline(assessment),
        unknown=[one for one in kpis.results if one.unknown],
        by_stage=[(stage, [one for one in kpis.results if one.kpi.stage == stage]) for stage in STAGES],
        lags=assess_charts.lag_rows(assessment),
        touches=assess_charts.touch_rows(assessment),
        losses=assess_charts.loss_groups(assessment),
        chart_width=assess_charts.WIDTH,
    )


def headline(assessment: Assessment) -> str:
    """What stands first: how long an order takes, and how much of the work is done by hand; or what is unknown."""
    said = []
    activation = assessment.kpis.result("time_to_activation")
    if _is_told(activation):
        said.append(f"Half of all orders are active within {value_text(activation)}")
    touches = assessment.kpis.result("touches_by_step")
    if _is_told(touches):
        said.append(f"people make {value_text(touches)} of the touches by hand")
    if not said:
        return "Too little is connected to say how long an order takes"
    text = ", and ".join(said)
    return text[0].upper() + text[1:]


def _is_told(result: KpiResult) -> bool:
    return not result.unknown and result.whole.measured > 0
