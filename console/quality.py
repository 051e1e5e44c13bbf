"""`splice quality`: how good what each system gives is, as a table and as pages."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.reports.quality_page import STANDING_NAMES, write_quality_page
from hub.stream_quality import STANDINGS, Check, Standing, StreamQuality, SystemQuality, quality_of

A_PERSON_MUST_LOOK = 3
"""The exit status that a crossed bound has in every command."""

_COLOURS: dict[Standing, str] = {
    "stopped": "red",
    "failed": "red",
    "never_pulled": "dim",
    "held_back": "yellow",
    "warned": "yellow",
    "well": "green",
}
_LONGEST_REASON = 300

FailOnOption = Annotated[
    Standing | None,
    typer.Option(
        "--fail-on",
        help=f"End with status {A_PERSON_MUST_LOOK} where a stream stands so badly, or worse:"
        f" {', '.join(STANDINGS[:-1])}, the worst first.",
    ),
]


def quality(
    systems: Annotated[
        list[str] | None, typer.Argument(help="Systems; all that are read where none is named.")
    ] = None,
    fail_on: FailOnOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the latest result of each check.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show each stream, those that need a person first: what stopped it, what fails its checks, what is held back.

    A page for each system has the history: every check in the latest pulls, and what came on each of the last days.
    """
    with opened(operator, workspace) as hub:
        now = datetime.now(UTC)
        found = [quality_of(hub, system, now) for system in systems or list(hub.operator.mappings)]
        pages = [(one, write_quality_page(one, hub.reports)) for one in found if one.streams]
    streams = sorted(
        ((one, stream) for one in found for stream in one.streams),
        key=lambda pair: STANDINGS.index(pair[1].standing),
    )
    if as_json:
        sys.stdout.write(json.dumps([_facts(one, stream) for one, stream in streams], indent=2) + "\n")
    else:
        screen.print(_table(streams))
        for one, path in pages:
            well = sum(stream.is_well for stream in one.streams)
            screen.print(f"{one.system:<18} {well} of {len(one.streams)} streams well  {path}", highlight=False)
    if fail_on is not None:
        worst = STANDINGS.index(fail_on)
        if any(STANDINGS.index(stream.standing) <= worst for _, stream in streams):
            raise typer.Exit(A_PERSON_MUST_LOOK)


def _table(streams: list[tuple[SystemQuality, StreamQuality]]) -> Table:
    table = Table(title="Quality", title_justify="left")
    for heading in ("system", "stream", "standing", "read (UTC)", "held back", "failing", "why"):
        table.add_column(heading, justify="right" if heading == "held back" else "left", overflow="fold")
    for one, stream in streams:
        last = stream.state.last_success_at
        held = stream.held_back
        cells = (
            escape(one.system),
            escape(stream.mapping.stream),
            f"[{_COLOURS[stream.standing]}]{STANDING_NAMES[stream.standing].lower()}[/]",
            f"{last:%m-%d %H:%M}" if last else "never",
            f"{held:,}" if held else "-",
            escape(_failing(stream)),
            escape(_shortened(stream.why)),
        )
        table.add_row(*cells)
    return table


def _failing(stream: StreamQuality) -> str:
    """The check of which the largest share failed last, with its share before and now."""
    shares = [(_share(check, 0), check) for check in stream.checks if check.results and _share(check, 0)]
    if not shares:
        return "-"
    now, check = max(shares, key=lambda pair: pair[0])
    earlier = [_share(check, place) for place in range(1, len(check.results))]
    before = f"{sum(earlier) / len(earlier):.1f} % -> " if earlier else ""
    return f"{before}{now:.1f} %"


def _share(check: Check, place: int) -> float:
    """Percent of the records that failed a check in a pull; 0 being the last."""
    one = check.results[place].judgement
    return 100 * one.failed / one.evaluated if one.evaluated else 0.0


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def _facts(one: SystemQuality, stream: StreamQuality) -> dict[str, Any]:
    last = stream.last_pull
    return {
        "system": one.system,
        "stream": stream.mapping.stream,
        "standing": stream.standing,
        "why": stream.why,
        "last_pull": None if last is None else {"began_at": last.started_at.isoformat(), "outcome": last.outcome},
        "read_completely_at": stream.state.last_success_at.isoformat() if stream.state.last_success_at else None,
        "held_back": stream.held_back,
        "checks": [_check(check) for check in (*stream.feed, *stream.checks)],
    }


def _check(check: Check) -> dict[str, Any]:
    latest = check.latest
    found = {} if latest is None else {name: getattr(latest, name) for name in ("evaluated", "failed", "observed")}
    return {
        "entity": check.entity or None,
        "name": check.name,
        "market": check.market or None,
        "severity": check.severity,
        "held_back": check.held_back,
        "verdict": latest.verdict if latest else None,
        **found,
    }
