"""`splice stream`: what a person decides about one stream of a system."""

from typing import Annotated

import typer

from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.quarantine import StreamArgument, SystemArgument
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.stream_reset import reset_stream

app = typer.Typer(no_args_is_help=True, help="Decide about one stream of a system.")


@app.callback()
def _group() -> None:
    """Keep the name of the command where there is only one."""


@app.command()
def reset(
    system: SystemArgument,
    stream: StreamArgument,
    why: Annotated[str, typer.Option("--why", help="Why it is to be read anew, for the audit.")],
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Have the next pull read everything anew, files in the archive too; a pull that is under way ends."""
    with opened(operator, workspace) as hub:
        reset_stream(hub, system, stream, deciding(actor, why))
    screen.print(f"{system} {stream} begins anew; next: splice sync {system}", markup=False, highlight=False)
