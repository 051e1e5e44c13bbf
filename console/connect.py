"""`splice connect`: look around in a system, draft a mapping for what it holds, and try a mapping without storing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.record import Record
from connectors.discovery import capabilities_by_kind
from connectors.drafting.mapping_text import samples_of
from connectors.mapping import MappedRaw
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.connecting import Draft, draft_of, objects_of, try_stream

app = typer.Typer(no_args_is_help=True, help="Look around in a system, draft mappings, try them; nothing is stored.")

SystemArgument = Annotated[str, typer.Argument(help="Name of the system in operator.yaml.")]
_LEFT_OUT = frozenset(("market", "source_system", "source_object", "source_id"))


@app.command("list")
def list_(operator: OperatorOption = EXAMPLE_OPERATOR, workspace: WorkspaceOption = None) -> None:
    """List the operator's systems with what is read from each, and which commands each takes."""
    table = Table(title="Systems", title_justify="left")
    for heading in ("system", "kind", "role", "market", "streams", "commands"):
        table.add_column(heading, overflow="fold")
    kinds = capabilities_by_kind()
    with opened(operator, workspace) as hub:
        for name, block in hub.operator.file.systems.items():
            streams = ", ".join(mapping.stream for mapping in hub.operator.mappings.get(name, ()))
            files = [each for known in hub.operator.commands.values() for each in known if each.system == name]
            taken = ", ".join(dict.fromkeys(each.command for each in files))
            can_take = "none yet" if kinds[block.kind].writes else "-"
            row = (name, block.kind, block.role, block.market or "all", streams or "-", taken or can_take)
            table.add_row(*map(escape, row))
    screen.print(table)


@app.command()
def probe(
    system: SystemArgument,
    name: Annotated[str | None, typer.Argument(metavar="OBJECT", help="What to look at closely.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Records to look at.")] = 50,
    like: Annotated[str, typer.Option(help="List only objects with this in their name.")] = "",
    save: Annotated[bool, typer.Option("--save", help="Write the draft into the operator's mappings/.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List what a system holds; with OBJECT show its fields, and draft a mapping for it."""
    with opened(operator, workspace) as hub:
        if name is None:
            found = [one for one in objects_of(hub, system) if like.lower() in one.name.lower()]
            _show_objects(system, [(one.name, one.label, one.rows) for one in found])
            return
        draft = draft_of(hub, system, name, limit)
    _show_fields(draft)
    if save:
        screen.print(f"written: {_saved(operator, system, draft)}", highlight=False, soft_wrap=True)
        screen.print(f"next: edit it, then splice connect try {system} {draft.stream}", highlight=False)
    else:
        screen.print(draft.text, markup=False, highlight=False, soft_wrap=True)


@app.command("try")
def try_(
    system: SystemArgument,
    stream: Annotated[str, typer.Argument(help="Name of the stream.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Records to read.")] = 50,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show raw beside canonical beside rejected for the first records of a stream; nothing is stored."""
    with opened(operator, workspace) as hub:
        trial = try_stream(hub, system, stream, datetime.now(UTC), limit)
    table = Table(title=f"{system} {stream}", title_justify="left", show_lines=True)
    for heading in ("as the source spells it", "as it becomes"):
        table.add_column(heading, ratio=1, overflow="fold")
    for raw in trial.batch.raws:
        table.add_row(escape(printable(_plain(raw.payload))), "\n".join(_outcome(raw)))
    if trial.batch.raws:
        screen.print(table)
    for warning in trial.warnings:
        screen.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    rejected = len(trial.batch.rejected)
    records = len(trial.batch.records)
    screen.print(
        f"{len(trial.batch.raws)} read, {records} canonical records, {rejected} rejected; nothing was stored",
        highlight=False,
    )


def _show_objects(system: str, rows: Sequence[tuple[str, str, int | None]]) -> None:
    if not rows:
        screen.print(
            f"{system} lists nothing of that kind; name what to look at: splice connect probe {system} OBJECT"
        )
        return
    table = Table(title=f"{system} holds {len(rows)}", title_justify="left")
    for heading in ("object", "", "records"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "records" else "left")
    for name, label, count in rows:
        table.add_row(escape(name), escape(label), "" if count is None else f"{count:,}")
    screen.print(table)


def _show_fields(draft: Draft) -> None:
    found, becomes = draft.guess.found, _targets(draft)
    table = Table(title=f"{found.object}: {len(found.samples)} records looked at", title_justify="left")
    for heading in ("field", "holds", "for example", "becomes"):
        table.add_column(heading, overflow="fold")
    for path, fields, samples in _levels(draft):
        for one in fields:
            name = f"{path}.{one.name}" if path else one.name
            examples = ", ".join(samples_of(one.name, samples)) or one.label
            table.add_row(*map(escape, (name, str(one.type), printable(examples), becomes.get((path, one.name), ""))))
    screen.print(table)


def _levels(draft: Draft) -> Iterator[tuple[str, Sequence[Any], Sequence[Mapping[str, Any]]]]:
    guess = draft.guess
    lists = {one.path for one in guess.lists}
    yield "", [one for one in guess.found.fields if one.name not in lists], guess.found.samples
    for one in guess.lists:
        rows = [row for each in guess.found.samples for row in each.get(one.path) or () if isinstance(row, dict)]
        yield one.path, one.fields, rows


def _targets(draft: Draft) -> dict[tuple[str, str], str]:
    """What each field of the source becomes, by list and name."""
    found: dict[tuple[str, str], str] = {}
    for path, guess in (("", draft.guess.guess), *((one.path, one.guess) for one in draft.guess.lists)):
        own = {one.name for listed in draft.guess.lists if listed.path == path for one in listed.fields}
        for field in guess.fields if guess else ():
            place = (path if field.source.name in own else "", field.source.name)
            told = f"{guess.entity.__name__}.{field.target.name}" if guess else ""
            if told not in found.get(place, ""):
                found[place] = f"{found[place]}, {told}" if place in found else told
    return found


def _saved(operator: Path, system: str, draft: Draft) -> Path:
    file = operator / "mappings" / f"{system}-{draft.stream}.yaml"
    file.parent.mkdir(exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(draft.text)
    except FileExistsError as error:
        raise ConfigurationError(f"{file} is there already; nothing was written") from error
    return file


def _outcome(raw: MappedRaw) -> Iterator[str]:
    if raw.rejection is not None:
        yield f"[red]rejected[/] {escape(raw.rejection.reason)}"
    elif not raw.records:
        yield "[dim]nothing wants it[/]"
    for record in raw.records:
        yield f"[bold]{type(record).__name__}[/] {escape(printable(_told(record)))}"


def _told(record: Record) -> str:
    fields = {name: value for name, value in record.model_dump(mode="json").items() if value is not None}
    market = fields.get("market")
    told = ", ".join(f"{name} {value}" for name, value in fields.items() if name not in _LEFT_OUT)
    return f"({market}) {told}"


def _plain(payload: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {_value(value)}" for name, value in payload.items())


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
