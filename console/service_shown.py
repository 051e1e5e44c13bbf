"""`splice service`: one service of a customer: everything that happened to it, on one screen."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from console.as_json import write_json
from console.given import given_day
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.service_history.entry import ServiceHistory, when_text
from hub.service_history.history import service_history

SubjectArgument = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Of the service, account, order, work order or device.")
]
MarketOption = Annotated[str | None, typer.Option("--market", "-m", help="Its market, where two know the number.")]


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("show")(show)


def show(
    subject: SubjectArgument,
    market: MarketOption = None,
    proof: Annotated[
        bool, typer.Option("--proof", help="Also the record or journal that each entry stands in.")
    ] = False,
    since: Annotated[str | None, typer.Option("--from", help="First day, in the time of the market.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day after the last one.")] = None,
    system: Annotated[str | None, typer.Option(help="Only what this system says; splice for the hub.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only so many of the latest entries.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how a service stands, and everything that happened to it: one screen that answers a dispute."""
    first = None if since is None else given_day(since, "--from")
    end = None if until is None else given_day(until, "--to")
    with opened(operator, workspace) as hub:
        history = service_history(hub, subject, market)
    said_by = sorted({each.system for each in history.entries})
    if system is not None and system not in said_by:
        raise ConfigurationError(f"--system {system}: nothing is said by it here; told of by {', '.join(said_by)}")
    history = history.between(first, end, system)
    if as_json:
        write_json(history_facts(history))
        return
    known = history.subject
    screen.print(f"[bold]account {escape(known.account_number)}[/] of {escape(known.market)}", highlight=False)
    for name, values in _known_by(history):
        screen.print(f"  {name:<12} {', '.join(values)}", highlight=False, markup=False)
    for sentence in history.stands:
        screen.print(f"  {sentence}", highlight=False, markup=False)
    screen.print(history_table(history, last, proof))


def history_facts(history: ServiceHistory) -> dict[str, Any]:
    """A history as JSON holds it; moments in UTC, days as they are."""
    return {
        "market": history.subject.market,
        "account": history.subject.account_number,
        **{name.replace(" ", "_"): list(values) for name, values in _known_by(history)},
        "stands": list(history.stands),
        "entries": [
            {
                "at": each.at.isoformat(),
                "system": each.system,
                "what": each.what,
                "said": each.said,
                "proof": each.proof,
            }
            for each in history.entries
        ],
    }


def _known_by(history: ServiceHistory) -> list[tuple[str, tuple[str, ...]]]:
    known = history.subject
    named = [
        ("services", known.services),
        ("orders", known.orders),
        ("work orders", known.work_orders),
        ("devices", known.serials),
        ("logins", known.usernames),
    ]
    return [(name, values) for name, values in named if values]


def history_table(history: ServiceHistory, last: int | None, proof: bool) -> Table:
    """What happened, a row an entry; with its proof where that is wanted."""
    entries = history.entries if last is None else history.entries[-last:]
    table = Table(title=f"History, in the time of {escape(history.zone.key)}", title_justify="left", show_edge=False)
    table.add_column("when", no_wrap=True)
    table.add_column("who says so", no_wrap=True)
    table.add_column("what happened", overflow="fold")
    if proof:
        table.add_column("proof", overflow="fold")
    for each in entries:
        cells = (when_text(each.at, history.zone), each.system, each.said, *((each.proof,) if proof else ()))
        table.add_row(*map(escape, cells))
    return table
