"""`splice market foreign`: what another writer did to work of the hub, and who keeps it."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from console.deciding import ActorOption, deciding
from console.handoff_named import MarketArgument
from console.market_moves import WhyOption
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.takeover.foreign.finding import decide, find_foreign_writes
from storage.foreign_writes import ForeignDecision

_KEEPS: dict[str, ForeignDecision] = {"legacy": "legacy_keeps", "hub": "hub_keeps", "harmless": "harmless"}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("foreign")(foreign)
    app.command("decide-foreign")(decide_foreign)


def foreign(
    market: MarketArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Look for what somebody else wrote to work of the hub, and list what nobody has decided about."""
    with opened(operator, workspace) as hub:
        found = find_foreign_writes(hub, market, datetime.now(UTC))
    if not found:
        screen.print(f"nobody but the hub was seen to act on its work in {market}", highlight=False)
        return
    table = Table("Number", "Hand-off", "Work", "What", "Of", "Evidence", box=None)
    for each in found:
        told = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in each.evidence.items())
        table.add_row(
            str(each.id),
            each.handoff,
            escape(each.work),
            each.kind.replace("_", " "),
            escape(each.thing),
            escape(told),
        )
    screen.print(table)


def decide_foreign(
    number: Annotated[int, typer.Argument(help="Number of the foreign write.")],
    keeps: Annotated[str, typer.Option("--keeps", "-k", help="Who keeps the work: legacy, hub; or harmless.")],
    why: WhyOption,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Decide about a foreign write; nothing is overwritten by that."""
    if keeps not in _KEEPS:
        raise ConfigurationError(f"--keeps {keeps}: legacy, hub or harmless{nearest(keeps, list(_KEEPS))}")
    with opened(operator, workspace) as hub:
        found = decide(hub, number, _KEEPS[keeps], deciding(actor, why))
    screen.print(f"foreign write {number} of {found.work}: {_KEEPS[keeps].replace('_', ' ')}", highlight=False)
