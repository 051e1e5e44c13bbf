"""`splice service`: what a person decides about a saga that is held."""

from typing import Annotated

import typer

from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.service_changes import say
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption
from hub.sagas import decisions

SagaArgument = Annotated[int, typer.Argument(help="Number of the saga.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="The reason, for the audit.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("resume")(resume)
    app.command("waive")(waive)
    app.command("cancel")(cancel)


def resume(
    saga: SagaArgument,
    reason: ReasonOption,
    accept: Annotated[bool, typer.Option("--accept", help="What it proposes is so, and counts from now on.")] = False,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a held saga take its step again."""
    by = deciding(actor, reason)
    with opened(operator, workspace) as hub:
        say(decisions.resume(hub, saga, by.at, actor=by.actor, why=reason, accept=accept))


def waive(
    saga: SagaArgument,
    gates: Annotated[list[str], typer.Argument(help="The gates that hold it (GT-05).")],
    reason: ReasonOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a completed job pass gates that hold it, for what they say of it now."""
    by = deciding(actor, reason)
    with opened(operator, workspace) as hub:
        say(decisions.waive(hub, saga, gates, by.at, actor=by.actor, why=reason))


def cancel(
    saga: SagaArgument,
    reason: ReasonOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring back what a held saga has changed in the network."""
    by = deciding(actor, reason)
    with opened(operator, workspace) as hub:
        say(decisions.cancel(hub, saga, by.at, actor=by.actor, why=reason))
