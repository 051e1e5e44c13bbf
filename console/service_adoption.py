"""`splice service adopt`: services that legacy has brought to life are made the hub's own."""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from console.as_json import write_json
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.takeover.adopting import MOST, Adoption, adopt_services

_SHOWN = 50


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("adopt")(adopt)


def adopt(
    market: Annotated[str, typer.Option("--market", "-m", help="Whose services.")],
    accounts: Annotated[list[str] | None, typer.Argument(help="Only these accounts. Default: all.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Compare those anew that were found to differ.")] = False,
    most: Annotated[int, typer.Option(min=1, help="Services that are begun at once.")] = MOST,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Adopt services that legacy has brought to life, where their lines stand as the hub would have set them up."""
    with opened(operator, workspace) as hub:
        found = adopt_services(
            hub,
            market,
            datetime.now(UTC),
            accounts=accounts or (),
            again=again,
            most=most,
            actor=getpass.getuser(),
        )
    if as_json:
        write_json(
            {
                "begun": [each.service_id for each in found.begun],
                "known": found.known,
                "left": found.left,
                "later": found.later,
            }
        )
        return
    _show(found)


def _show(found: Adoption) -> None:
    if found.left:
        table = Table(title="Left as they are", title_justify="left")
        for heading in ("account", "why"):
            table.add_column(heading, overflow="fold")
        for account, why in list(found.left.items())[:_SHOWN]:
            table.add_row(escape(printable(account)), escape(printable(why)))
        screen.print(table)
    if len(found.left) > _SHOWN:
        _say(f"and {len(found.left) - _SHOWN} more; --json tells all of them")
    _say(
        f"{len(found.begun)} begun, {found.known} known already, {len(found.left)} left as they are, "
        f"{found.later} for the next time"
    )
    if found.begun:
        _say("A worker compares them (splice work); the same command tells then which of them differ, and in what.")


def _say(text: str) -> None:
    screen.print(printable(text), markup=False, highlight=False)
