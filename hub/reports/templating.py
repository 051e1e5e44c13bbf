"""How pages are made of templates: everything is escaped, and nothing that is missing passes for empty."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.reports.source_text import printable

_HERE = Path(__file__).parent


def page_templates() -> Environment:
    """The templates of this folder; text is shown without what could not be printed."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )


def page_style() -> str:
    """The style sheet that every page carries within it."""
    return (_HERE / "style.css").read_text(encoding="utf-8")
