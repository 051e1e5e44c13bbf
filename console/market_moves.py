"""`splice market`: stop a line, let it go on, give a hand-off back; what goes forward needs its gate."""

from typing import Annotated

import typer

from console.deciding import ActorOption, deciding
from console.handoff_named import HandoffArgument, MarketArgument, handoff_of
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from handoffs.cohort import SHARES, Cohort
from handoffs.stages import HANDOFFS
from handoffs.takeover import Position
from hub.takeover.moves import Wish, move
from hub.takeover.moves import give_back as given_back

WhyOption = Annotated[str, typer.Option("--why", "-w", help="The reason, for the history and the audit.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("hold")(hold)
    app.command("release")(release)
    app.command("narrow")(narrow)
    app.command("give-back")(give_back)


def hold(
    market: MarketArgument,
    handoff: HandoffArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Stop a line: the hub begins nothing and sends nothing until it is released."""
    with opened(operator, workspace) as hub:
        _told(move(hub, Wish(market, handoff_of(handoff), "held"), deciding(actor, why)))


def release(
    market: MarketArgument,
    handoff: HandoffArgument,
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a line that was stopped go on."""
    with opened(operator, workspace) as hub:
        _told(move(hub, Wish(market, handoff_of(handoff), "released"), deciding(actor, why)))


def narrow(
    market: MarketArgument,
    handoff: HandoffArgument,
    why: WhyOption,
    town: Annotated[list[str] | None, typer.Option(help="Only this town; may be said again.")] = None,
    order_type: Annotated[list[str] | None, typer.Option(help="Only orders of this type; may be said again.")] = None,
    percent: Annotated[float, typer.Option(min=0, max=100, help="Of what is left, so many percent.")] = 100,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let a canary take over less than it does; what it has begun it ends."""
    cohort = cohort_of(town, order_type, percent)
    with opened(operator, workspace) as hub:
        _told(move(hub, Wish(market, handoff_of(handoff), "narrowed", cohort), deciding(actor, why)))


def give_back(
    market: MarketArgument,
    why: WhyOption,
    handoff: Annotated[str | None, typer.Argument(help="Only this hand-off. Default: all that the hub has.")] = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a market's hand-offs back to the legacy systems, at once: what the hub has begun it ends."""
    with opened(operator, workspace) as hub:
        wanted = HANDOFFS if handoff is None else (handoff_of(handoff),)
        given = given_back(hub, market, wanted, deciding(actor, why))
    for position in given:
        _told(position)
    if not given:
        screen.print(f"the hub acts on no hand-off of {market}: there is nothing to give back", highlight=False)


def cohort_of(towns: list[str] | None, order_types: list[str] | None, percent: float) -> Cohort:
    """The cohort that options describe."""
    return Cohort(
        towns=frozenset(towns or ()), order_types=frozenset(order_types or ()), share=round(percent * SHARES / 100)
    )


def _told(position: Position) -> None:
    acts = f" for {position.cohort}" if position.stage == "canary" else ""
    stopped = ", stopped" if position.is_held else ""
    screen.print(f"{position.market}: {position.handoff} is in {position.stage}{acts}{stopped}", highlight=False)
