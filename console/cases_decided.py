"""`splice cases`: what a person decides about cases."""

from typing import Annotated

import typer

from console.deciding import ActorOption, deciding
from console.given import given_day
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.cases import decisions

CasesArgument = Annotated[list[str], typer.Argument(help="The cases: the beginning of each one's name.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="The reason, for the journal.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("assign")(assign)
    app.command("acknowledge")(acknowledge)
    app.command("dismiss")(dismiss)
    app.command("write-off")(write_off)
    app.command("reopen")(reopen)


def assign(
    cases: CasesArgument,
    person: Annotated[str, typer.Option("--to", help="Who works at them; empty for nobody.")],
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give cases to a person."""
    with opened(operator, workspace) as hub:
        for case in cases:
            decisions.assign(hub, case, deciding(actor), person.strip())
    screen.print(f"{len(cases)} assigned to {person.strip() or 'nobody'}", markup=False)


def acknowledge(
    cases: CasesArgument,
    reason: ReasonOption = "",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Accept that findings are right."""
    with opened(operator, workspace) as hub:
        for case in cases:
            decisions.acknowledge(hub, case, deciding(actor, reason))
    screen.print(f"{len(cases)} acknowledged")


def dismiss(
    cases: CasesArgument,
    reason: ReasonOption,
    until: Annotated[str, typer.Option("--until", help="The day from which they count again (2027-01-31).")],
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Set cases aside until a day; what is found then is opened again."""
    day = given_day(until, "--until")
    with opened(operator, workspace) as hub:
        for case in cases:
            decisions.dismiss(hub, case, deciding(actor, reason), day)
    screen.print(f"{len(cases)} dismissed until {day}", highlight=False)


def write_off(
    cases: CasesArgument,
    reason: ReasonOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give the money of cases up; found with more than that, they are opened again."""
    with opened(operator, workspace) as hub:
        for case in cases:
            decisions.write_off(hub, case, deciding(actor, reason))
    screen.print(f"{len(cases)} written off")


def reopen(
    cases: CasesArgument,
    reason: ReasonOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a dismissal or a writing off back."""
    with opened(operator, workspace) as hub:
        for case in cases:
            decisions.reopen(hub, case, deciding(actor, reason))
    screen.print(f"{len(cases)} reopened")
