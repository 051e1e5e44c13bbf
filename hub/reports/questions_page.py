"""Open questions about who is who as one page that needs nothing else, and beside it the workbook to fill in."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from canonical_model.money import Money
from hub.identity.question_files import export_questions
from hub.identity.questions import question_patterns, sample_of
from hub.reports.templating import page_style, page_templates
from hub.workplace import Hub

FOLDER = "identity"
MOST_PATTERNS = 40
SAMPLE = 4


@dataclass(frozen=True, slots=True)
class QuestionFiles:
    """What was written."""

    page: Path
    workbook: Path
    questions: int


def write_questions(hub: Hub, at: datetime) -> QuestionFiles:
    """Write page and workbook into the folder ``identity`` of the reports, in the place of those before.

    Args:
        hub: the operator's hub.
        at: when this is.
    """
    folder = hub.reports / FOLDER
    page, workbook = folder / "questions.html", folder / "questions.xlsx"
    written = export_questions(hub, workbook)
    page.write_text(render_questions(hub, at, workbook.name), encoding="utf-8")
    return QuestionFiles(page, workbook, written)


def render_questions(hub: Hub, at: datetime, workbook: str) -> str:
    """The page as HTML.

    Args:
        hub: the operator's hub.
        at: when this is.
        workbook: the file's name, beside the page.
    """
    patterns = question_patterns(hub)
    shown = [(pattern, sample_of(hub, pattern, SAMPLE)) for pattern in patterns[:MOST_PATTERNS]]
    templates = page_templates()
    templates.filters |= {
        "moment": lambda moment: f"{moment.day} {moment:%b %Y, %H:%M} UTC",
        "number": lambda number: f"{number:,}",
        "money": lambda amount: str(Money.from_minor(*amount)),
    }
    return templates.get_template("questions.html.j2").render(
        style=page_style(),
        operator=hub.operator.file.operator,
        at=at,
        patterns=patterns,
        shown=shown,
        workbook=workbook,
    )
