"""`splice acquisition prices`: what finance enters so that plans of an operator that was bought keep their price."""

import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from console.as_json import write_json
from console.handoff_named import MarketArgument
from console.market_shown import JsonOption
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.acquisition.prices import PricesToEnter, as_csv, as_rows, last_day, prices_to_enter, replaced_text


def prices(
    market: MarketArgument,
    wave: Annotated[
        str | None, typer.Argument(help="Only accounts of this wave. Default: all of the estate.")
    ] = None,
    as_json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV; valid_to is the first day without it.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List the prices that are to be agreed for grandfathered plans, line by line; nothing is sent."""
    with opened(operator, workspace) as hub:
        found = prices_to_enter(hub, market, wave)
    if as_json:
        write_json(list(as_rows(found.prices, found.currency)))
    elif csv:
        sys.stdout.write(as_csv(found.prices, found.currency))
    else:
        _show(found)


def _show(found: PricesToEnter) -> None:
    if not found.prices:
        screen.print("every price that the plan map keeps is in force")
        return
    table = Table("Account", "Offering", "A month", "First day", "Last day", "In the place of", "Why", box=None)
    for each in found.prices:
        cells = (
            each.account,
            each.offering,
            str(Money.from_minor(each.amount_minor, found.currency)),
            f"{each.valid_from}",
            f"{last_day(each) or 'for ever'}",
            replaced_text(each, found.currency),
            each.why_not or each.why,
        )
        table.add_row(*(escape(cell) for cell in cells))
    screen.print(table)
    places = ", ".join(found.places) or "no stream: state offerings of their own in catalogue.yaml"
    screen.print(escape(f"agreed prices are told by {places}"), highlight=False, soft_wrap=True)
