"""The quality of a system's streams as one page that needs nothing else: no request, no server, no script."""

from datetime import datetime
from pathlib import Path

from hub.reports.source_text import file_stem
from hub.reports.templating import page_style, page_templates
from hub.stream_quality import SystemQuality


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
    templates.filters |= {"moment": _moment, "number": lambda number: f"{number:,}"}
    in_order = sorted(quality.streams, key=lambda stream: stream.is_well)
    return templates.get_template("quality.html.j2").render(style=page_style(), quality=quality, streams=in_order)


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment.day} {moment:%b %Y, %H:%M} UTC"
