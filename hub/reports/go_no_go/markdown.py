"""The go/no-go report as Markdown, for the page of a run and for whoever reads text; pure."""

from hub.markdown_tables import table
from hub.reports.go_no_go.content import Section, sections, title_of
from hub.takeover.go_no_go.document import GoNoGo


def go_no_go_markdown(document: GoNoGo) -> str:
    """The whole report."""
    head = [f"# {document.recommendation}", f"## {title_of(document)}"]
    head += ["\n".join(f"* {said}" for said in document.because)]
    return "\n\n".join([*head, *map(_section, sections(document))]) + "\n"


def _section(section: Section) -> str:
    parts = [f"### {section.title}"]
    parts += [section.said] if section.said else []
    marked = (
        tuple(f"**{cell}**" if cell and place in section.marked else cell for cell in row)
        for place, row in enumerate(section.rows)
    )
    parts += [table(section.headings, marked)] if section.rows else []
    return "\n\n".join(parts)
