"""`splice market report`: what persons decide a step by, as PDF and as Markdown."""

from pathlib import Path
from typing import Annotated

import typer

from console.handoff_named import HandoffArgument, MarketArgument, handoff_of
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, AsOfOption, OperatorOption, WorkspaceOption, moment, screen
from hub.reports.go_no_go.files import write_go_no_go_files
from hub.snapshots import market_of
from hub.takeover.go_no_go.gathering import go_no_go


def add_to(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("report")(report)


def report(
    market: MarketArgument,
    handoff: HandoffArgument,
    pdf: Annotated[
        Path | None, typer.Option(help="Where to write the PDF; its Markdown lies beside it. Default: the reports.")
    ] = None,
    as_of: AsOfOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write what the next step of a hand-off is decided by, of the last verdict of its gate; nothing is judged."""
    with opened(operator, workspace) as hub:
        known = market_of(hub.operator, market)
        document = go_no_go(hub, known.id, handoff_of(handoff), moment(as_of))
        path = write_go_no_go_files(hub, document, pdf)
    screen.print(printable(f"{document.recommendation}: {document.because[0]}"), markup=False, highlight=False)
    screen.print(printable(str(path)), markup=False, highlight=False, soft_wrap=True)
