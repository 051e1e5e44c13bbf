"""`splice sync`: pull what changed in the operator's systems."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from canonical_model.errors import SpliceError
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, AsOfOption, OperatorOption, WorkspaceOption, moment, screen
from hub.stream_pull import StreamOutcome
from hub.sync import is_read, streams_in_order, sync_stream
from hub.workplace import Hub

MOST_REASONS = 5


def sync(
    systems: Annotated[list[str] | None, typer.Argument(help="Systems; all of them where none is named.")] = None,
    as_of: AsOfOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Pull everything that changed since the last time, from where each stream stopped."""
    failed: list[SpliceError] = []
    with opened(operator, workspace) as hub, progress_bars() as bars:
        wanted = systems or [name for name in hub.operator.file.systems if is_read(hub, name)]
        outcomes: list[StreamOutcome] = []
        for system, stream in streams_in_order(hub, wanted):
            try:
                outcomes.append(pull(hub, system, stream, moment(as_of), bars))
            except SpliceError as error:
                failed.append(error)
    show_outcomes(outcomes)
    if failed:
        for other in failed[1:]:
            screen.print(f"[red]{type(other).__name__}[/]: {escape(str(other))}", highlight=False)
        raise failed[0]


def pull(hub: Hub, system: str, stream: str, now: datetime, bars: Progress) -> StreamOutcome:
    """Pull one stream and show how far it is.

    Raises:
        ConfigurationError, RetryableError, UnsafeToContinue: as ``hub.sync.sync_stream``.
    """
    task = bars.add_task(f"{system} {stream}", total=None)

    def on_page(outcome: StreamOutcome) -> None:
        bars.update(task, completed=outcome.counts.read, total=outcome.source_total)

    outcome = sync_stream(hub, system, stream, now, on_page)
    bars.update(task, total=max(1, outcome.counts.read), completed=max(1, outcome.counts.read))
    return outcome


def progress_bars() -> Progress:
    """Bars with counts, as every pull shows them."""
    return Progress(
        TextColumn("{task.description:<28}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
    )


def show_outcomes(outcomes: list[StreamOutcome]) -> None:
    """One row a stream, what was set aside, and every warning."""
    table = Table(title="Pulled", title_justify="left")
    for heading in ("system", "stream", "read", "new or changed", "unchanged", "deleted", "set aside"):
        table.add_column(heading, justify="left" if heading in ("system", "stream") else "right")
    for outcome in outcomes:
        counts = outcome.counts
        numbers = (counts.read, counts.changed, counts.unchanged, counts.deleted, counts.rejected)
        table.add_row(escape(outcome.system), escape(outcome.stream), *(f"{number:,}" for number in numbers))
    screen.print(table)
    for outcome in outcomes:
        show_set_aside(outcome)
    for outcome in outcomes:
        if outcome.recovered:
            told = escape(f"{outcome.system} {outcome.stream}: {outcome.recovered:,} records came out of quarantine")
            screen.print(f"{told}, as what they waited for has come", highlight=False)
        for warning in outcome.warnings:
            told = escape(f"{outcome.system} {outcome.stream}: {warning}")
            screen.print(f"[yellow]warning[/] {told}", highlight=False)


def show_set_aside(outcome: StreamOutcome) -> None:
    """The first records that were set aside with the reasons, and where the others are."""
    named = escape(f"{outcome.system} {outcome.stream}")
    for record, reason in outcome.set_aside[:MOST_REASONS]:
        screen.print(f"[yellow]set aside[/] {named} {escape(record)}: {escape(reason)}", highlight=False)
    if outcome.counts.rejected > MOST_REASONS:
        left = outcome.counts.rejected - MOST_REASONS
        screen.print(f"[yellow]set aside[/] {named}: and {left:,} more; `splice quarantine list {named}` shows them")
