"""`splice quality`: how good what each system gives is, as a page."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, opened, screen
from hub.reports.quality_page import write_quality_page
from hub.stream_quality import quality_of


def quality(
    systems: Annotated[
        list[str] | None, typer.Argument(help="Systems; all that are read where none is named.")
    ] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a page for each system: checks and what fails them now, pulls, and records held back."""
    with opened(operator, workspace) as hub:
        for system in systems or list(hub.operator.mappings):
            found = quality_of(hub, system, datetime.now(UTC))
            path = write_quality_page(found, hub.reports)
            well = sum(stream.is_well for stream in found.streams)
            screen.print(f"{system:<18} {well} of {len(found.streams)} streams well  {path}", highlight=False)
