"""`splice inbox`: what other systems have sent, and what became of it."""

import getpass
import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from storage.audit import note
from storage.inbox import State, conflicts, event_with, inbox_events, put_back

app = typer.Typer(no_args_is_help=True, help="Events that other systems sent, and what became of them.")

SystemOption = Annotated[str | None, typer.Option(help="Only of this system.")]
StreamOption = Annotated[str | None, typer.Option(help="Only of this stream.")]


@app.command("list")
def list_events(
    state: Annotated[State | None, typer.Option(help="received (waits), taken or rejected.")] = None,
    system: SystemOption = None,
    stream: StreamOption = None,
    most: Annotated[int, typer.Option(min=1, help="How many; the latest come first.")] = 50,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List events, and below them those that came under an id that another content had."""
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        events = inbox_events(connection, state, system, stream, most)
        against = conflicts(connection, system, stream)
    table = Table(title="Inbox", title_justify="left")
    for heading in ("id", "system", "stream", "event", "received", "state", "tries", "reason"):
        table.add_column(heading, justify="right" if heading in ("id", "tries") else "left")
    for event in events:
        facts = (event.system, event.stream, escape(event.event_id), f"{event.received_at:%Y-%m-%d %H:%M:%S}")
        table.add_row(str(event.id), *facts, event.state, str(event.attempts), escape(event.reason))
    screen.print(table)
    for conflict in against:
        named = f"{conflict.system} {conflict.stream} {conflict.event_id}"
        screen.print(
            f"came again with another content, kept aside: {named}, {conflict.received_at:%Y-%m-%d %H:%M:%S}",
            highlight=False,
            markup=False,
        )


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="Id of the event, as the list shows it.")],
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show an event with all that it holds, and copies that contradict it."""
    with opened(operator, workspace) as hub, hub.database.reading() as connection:
        event = event_with(connection, number)
        if event is None:
            raise ConfigurationError(f"there is no event {number}: `splice inbox list` shows them")
        against = [one for one in conflicts(connection, event.system, event.stream) if one.event_id == event.event_id]
    for name in ("system", "stream", "event_id", "received_at", "signed_at", "state", "attempts", "reason"):
        screen.print(f"{name.replace('_', ' '):<12} {getattr(event, name)}", highlight=False, markup=False)
    screen.print(json.dumps(event.payload, indent=2, ensure_ascii=False), highlight=False, markup=False)
    for one in against:
        screen.print(f"came again at {one.received_at} as:", highlight=False, markup=False)
        screen.print(json.dumps(one.payload, indent=2, ensure_ascii=False), highlight=False, markup=False)


@app.command()
def retry(
    numbers: Annotated[list[int] | None, typer.Argument(help="Ids of events; all rejected ones otherwise.")] = None,
    system: SystemOption = None,
    stream: StreamOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take in again what was rejected, after the mapping or the cause was mended."""
    from hub.inbox import take_inbox  # noqa: PLC0415 - brings what maps records; the list needs none of it

    now = datetime.now(UTC)
    with opened(operator, workspace) as hub:
        with hub.database.writing() as connection:
            again = put_back(connection, numbers or None, system, stream)
            detail = {"events": sorted(numbers or []), "put_back": again}
            note(connection, now, getpass.getuser(), "inbox.retry", f"{system or '*'}.{stream or '*'}", detail)
        screen.print(f"{again} rejected events are tried again")
        for outcome in take_inbox(hub, now):
            screen.print(
                f"{outcome.system} {outcome.stream}: {outcome.taken} taken in, {outcome.rejected} rejected",
                highlight=False,
            )
            if outcome.fault is not None:
                raise outcome.fault
