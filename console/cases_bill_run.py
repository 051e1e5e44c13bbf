"""`splice cases bill-run`: what is open for the accounts of a bill run, and whether it may go out."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.money import Money
from console.deciding import ActorOption, deciding
from console.given import given_day, given_minor
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.cases.before_bill_run import BeforeBillRun, before_bill_run, decide_bill_run
from hub.snapshots import market_of
from storage.bill_run_decisions import RunDecision

FROZEN = 3
"""Exit status where a person must look before the run."""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("bill-run")(bill_run)


def bill_run(
    market: Annotated[str, typer.Argument(help="Id of the market in operator.yaml.")],
    billed_on: Annotated[str, typer.Option("--on", help="Day of the run: periods that end with it (2026-12-01).")],
    least: Annotated[str, typer.Option("--min", help="Only findings of so much money or more.")] = "0.01",
    release: Annotated[bool, typer.Option("--release", help="Let it go out with what is open now.")] = False,
    hold: Annotated[bool, typer.Option("--hold", help="Hold it back, whatever is open.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record; needed to release or hold.")] = "",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List what is open for the accounts of a bill run; exit status 3 while it must not go out."""
    if release and hold:
        raise ConfigurationError("--release or --hold, not both")
    day = given_day(billed_on, "--on")
    with opened(operator, workspace) as hub:
        minor = given_minor(least, "--min", market_of(hub.operator, market).currency)
        if release or hold:
            what: RunDecision = "release" if release else "hold"
            found = decide_bill_run(hub, market, day, minor, deciding(actor, reason), what)
        else:
            found = before_bill_run(hub, market, day, minor)
    _show(found)
    if not found.may_run:
        raise typer.Exit(FROZEN)


def _show(found: BeforeBillRun) -> None:
    if found.cases:
        table = Table(title=f"Open for the run of {found.billed_on}", title_justify="left", show_edge=False)
        for heading in ("case", "rule", "subject", "direction", "money", "state"):
            table.add_column(heading, justify="right" if heading == "money" else "left")
        for each in found.cases:
            money = str(Money.from_minor(each.seen_minor, found.currency))
            direction = each.direction.replace("_", " ")
            cells = (each.fingerprint[:12], each.rule_id, each.subject, direction, money, each.state)
            table.add_row(*map(escape, cells))
        screen.print(table)
    screen.print(
        f"{found.accounts} accounts are billed, {len(found.cases)} findings are open for them", highlight=False
    )
    if found.decision is not None:
        done = {"hold": "held back", "release": "released"}[found.decision.decision]
        at = f"{found.decision.at:%Y-%m-%d %H:%M} UTC"
        screen.print(f"{done} by {found.decision.actor} at {at}: {found.decision.why}", markup=False, highlight=False)
    if not found.accounts:
        screen.print("no billing period of this market ends on that day")
    elif found.may_run:
        screen.print("the run may go out")
    elif found.unreleased:
        screen.print(f"frozen: {len(found.unreleased)} findings are not released; mend them, or --release --reason")
    else:
        screen.print("held back: --release --reason lets it go out")
