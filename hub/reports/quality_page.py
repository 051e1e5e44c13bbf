"""The quality of a system's streams as one page that needs nothing else: no request, no server, no script."""

from datetime import datetime
from pathlib import Path

from hub.reports import quality_charts
from hub.reports.source_text import file_stem
from hub.reports.templating import page_style, page_templates
from hub.stream_quality import Standing, SystemQuality

STANDING_NAMES: dict[Standing, str] = {
    "stopped": "Stopped",
    "failed": "Failed",
    "never_pulled": "Never pulled",
    "held_back": "Needs a look",
    "warned": "Warned",
    "well": "All well",
}
VERDICT_NAMES = {
    "not_judged": "not judged",
    "passed": "passed",
    "told": "warned",
    "set_aside": "set aside",
    "stopped": "stopped it",
}


def write_quality_page(quality: SystemQuality, folder: Path) -> Path:
    """Write the page into ``folder/quality``, in the place of the one before.

    Returns:
        The file.
    """
    path = folder / "quality" / f"{file_stem(quality.system)}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_quality_page(quality), encoding="utf-8")
    return path


def render_quality_page(quality: SystemQuality) -> str:
    """The page as HTML."""
    templates = page_templates()
    templates.filters |= {
        "moment": _moment,
        "number": lambda number: f"{number:,}",
        "shares": quality_charts.shares,
        "told": quality_charts.told,
    }
    templates.globals |= {"standings": STANDING_NAMES, "verdicts": VERDICT_NAMES, "days": quality_charts.days}
    in_order = quality.by_need
    return templates.get_template("quality.html.j2").render(
        style=page_style(),
        quality=quality,
        needy=[stream for stream in in_order if not stream.is_well],
        well=[stream for stream in in_order if stream.is_well],
    )


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment.day} {moment:%b %Y, %H:%M} UTC"
