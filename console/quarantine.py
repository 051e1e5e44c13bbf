"""`splice quarantine`: records that could not be used, what is wrong with each, and what a person does about it."""

import json
import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from console.deciding import ActorOption, deciding
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.quarantine import in_quarantine, one_in_quarantine, release_records, retry_records
from storage.quarantine import Quarantined

app = typer.Typer(no_args_is_help=True, help="Look at records that could not be used, and decide about them.")

MOST_ROWS = 200

SystemArgument = Annotated[str, typer.Argument(help="Name of the system in operator.yaml.")]
StreamArgument = Annotated[str, typer.Argument(help="Name of the stream.")]


@app.command("list")
def list_(
    system: Annotated[str | None, typer.Argument(help="Only of this system.")] = None,
    stream: Annotated[str | None, typer.Argument(help="Only of this stream of it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, without what the source said.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List the records in quarantine, the longest first."""
    with opened(operator, workspace) as hub:
        records = in_quarantine(hub, system, stream)
    if as_json:
        sys.stdout.write(json.dumps([_facts(record) for record in records], indent=2) + "\n")
        return
    if not records:
        screen.print("nothing is in quarantine")
        return
    table = Table(title=f"{len(records)} in quarantine", title_justify="left")
    for heading in ("system", "stream", "record", "reason", "since (UTC)"):
        table.add_column(heading, overflow="fold")
    for record in records[:MOST_ROWS]:
        since = f"{record.first_seen_at:%Y-%m-%d %H:%M}"
        table.add_row(*map(escape, (record.system, record.stream, record.landed_id, record.reason, since)))
    screen.print(table)
    if len(records) > MOST_ROWS:
        screen.print(f"and {len(records) - MOST_ROWS:,} more: name a system and a stream, or ask for --json")


@app.command()
def show(
    system: SystemArgument,
    stream: StreamArgument,
    record: Annotated[str, typer.Argument(help="The record, as the list names it.")],
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one record as its source spelled it, and why it could not be used."""
    with opened(operator, workspace) as hub:
        found = one_in_quarantine(hub, system, stream, record)
    for name, value in _facts(found).items():
        screen.print(f"{name:<14} {printable(value or '-')}", markup=False, highlight=False, soft_wrap=True)
    payload = json.dumps(found.payload, indent=2, ensure_ascii=False)
    screen.print(printable(payload), markup=False, highlight=False, soft_wrap=True)


@app.command()
def release(
    system: SystemArgument,
    stream: StreamArgument,
    records: Annotated[list[str], typer.Argument(help="The records, as the list names them.")],
    why: Annotated[str, typer.Option("--why", help="Why they are not needed, for the audit.")],
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Let records out that are not needed; one that is refused again comes back."""
    with opened(operator, workspace) as hub:
        decision = deciding(actor, why)
        release_records(hub, system, stream, records, decision)
    screen.print(f"{len(set(records))} released")


@app.command()
def retry(
    system: SystemArgument,
    stream: StreamArgument,
    records: Annotated[list[str] | None, typer.Argument(help="The records; all of the stream if none.")] = None,
    why: Annotated[str, typer.Option("--why", help="What was mended, for the audit.")] = "",
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Map records anew by the mapping as it is now; status 1 where one is still refused."""
    with opened(operator, workspace) as hub:
        decision = deciding(actor, why)
        retried = retry_records(hub, system, stream, records or [], decision)
    screen.print(f"{len(retried.accepted)} accepted, {len(retried.refused)} still refused")
    for record, reason in retried.refused:
        screen.print(f"  {record}: {reason}", markup=False, highlight=False)
    if retried.passed_over:
        screen.print(f"{len(retried.passed_over)} were pulled again meanwhile and left as they are")
    if retried.refused:
        raise typer.Exit(1)


def _facts(record: Quarantined) -> dict[str, str | None]:
    return {
        "system": record.system,
        "stream": record.stream,
        "record": record.landed_id,
        "reason": record.reason,
        "expectation": record.expectation,
        "waits_for": _waits_for(record),
        "first_seen_at": record.first_seen_at.isoformat(),
        "last_seen_at": record.last_seen_at.isoformat(),
    }


def _waits_for(record: Quarantined) -> str | None:
    """What has to be known before the record is tried again by itself; without the key, which may be a person's."""
    targets = dict.fromkeys(missing.target for missing in record.waits_for or ())
    return ", ".join(f"a {target.named} by {' and '.join(target.fields)}" for target in targets) or None
