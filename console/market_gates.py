"""`splice market gate`, `guard` and `freeze`: what a hand-off still lacks, what harms it, what is paused for it."""

import getpass
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from console.as_json import write_json
from console.given import given_day
from console.handoff_named import MarketArgument, handoff_of
from console.opened_hub import opened
from console.printable import printable
from console.workplace import EXAMPLE_OPERATOR, AsOfOption, OperatorOption, WorkspaceOption, moment, screen
from handoffs.cohort import EVERYTHING
from handoffs.gates import GateVerdict
from handoffs.stages import FORWARD, HANDOFFS
from hub.snapshots import market_of
from hub.takeover.gate import judge_gate
from hub.takeover.guard import GuardOutcome
from hub.takeover.powers import sources_of
from hub.takeover.watching import watch_takeover
from storage.audit import note
from storage.frozen_jobs import FrozenJob, freeze, frozen_jobs, thaw

HARM = 3
"""Exit status where a person must look."""

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]
JobArgument = Annotated[str, typer.Argument(help="The job, as people call it: disconnection.")]
ActorOption = Annotated[str | None, typer.Option("--as", help="Who notes it. Default: the user of this machine.")]
_COLOURS = {"pass": "green", "fail": "red", "inconclusive": "yellow", "off": "dim"}


def add_to(commands: typer.Typer) -> None:
    """Add these commands."""
    commands.command("gate")(gate)
    commands.command("guard")(guard)
    commands.command("freeze")(freeze_job)
    commands.command("thaw")(thaw_job)
    commands.command("frozen")(frozen)


def gate(
    market: MarketArgument,
    handoff: Annotated[str | None, typer.Argument(help="Only this hand-off.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is shown already.")] = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell what each hand-off still lacks before it may go one stage on; nothing moves."""
    now = moment(as_of)
    with opened(operator, workspace) as hub:
        known, sources = market_of(hub.operator, market), sources_of(hub)
        with hub.database.reading() as connection:
            stages = sources.stages(connection, known.id)
        wanted = [
            name for name in (HANDOFFS if handoff is None else (handoff_of(handoff),)) if stages[name] in FORWARD
        ]
        found = [judge_gate(hub, known.id, name, now, sources)[1] for name in wanted]
    if as_json:
        write_json([verdict_facts(each) for each in found])
        return
    for each in found:
        _show(each, everything=everything)


def guard(
    market: MarketArgument,
    work: Annotated[
        list[str] | None, typer.Option("--work", help="Only this work: order/1234. May be repeated.")
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Look for harm and do what the rules say about it; exit status 3 where anything was seen."""
    with opened(operator, workspace) as hub:
        outcome = watch_takeover(hub, market, moment(as_of), work or None).guarded
    if as_json:
        write_json(outcome_facts(outcome))
    else:
        for trip in outcome.trips:
            _say(f"{trip.rule.does.replace('_', ' ').upper()} {trip.signal.handoff}: {trip.said}")
        for name, done in outcome.done.items():
            _say(f"{name}: {done}")
        for kind, why in outcome.missed.items():
            _say(f"could not be looked for: {kind}: {why}")
        if not outcome.trips and not outcome.missed:
            _say("no harm is seen")
    if outcome.trips or outcome.missed:
        raise typer.Exit(HARM)


def freeze_job(
    market: MarketArgument,
    job: JobArgument,
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    why: Annotated[str, typer.Option(help="Why it is paused.")],
    until: Annotated[str, typer.Option(help="Day on which it runs again at the latest (2026-12-01).")],
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Note that a recurring job is paused for the take-over: whose, why, and until when."""
    now, day = datetime.now(UTC), given_day(until, "--until")
    with opened(operator, workspace) as hub:
        known = market_of(hub.operator, market)
        ends = datetime.combine(day, time(), ZoneInfo(known.zone)).astimezone(UTC)
        paused = FrozenJob(known.id, job, owner, why, now, ends)
        with hub.database.writing() as connection:
            freeze(connection, paused)
            detail = {"owner": owner, "why": why, "resume_by": ends.isoformat()}
            note(connection, now, actor or getpass.getuser(), "job frozen", f"market/{known.id}/{job}", detail)
    _say(f"{job} is paused in {known.id} until {day}; {owner} answers for it")


def thaw_job(
    market: MarketArgument,
    job: JobArgument,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Note that a paused job runs again."""
    now = datetime.now(UTC)
    with opened(operator, workspace) as hub:
        known = market_of(hub.operator, market)
        with hub.database.writing() as connection:
            ended = thaw(connection, known.id, job, now)
            days = (now - ended.paused_at).days
            note(
                connection, now, actor or getpass.getuser(), "job thawed", f"market/{known.id}/{job}", {"days": days}
            )
    _say(f"{job} runs again in {known.id}, after {days} days")


def frozen(
    market: MarketArgument,
    ended: Annotated[bool, typer.Option("--ended", help="Also those that run again.")] = False,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List what is paused for the take-over; exit status 3 where something is overdue."""
    now = datetime.now(UTC)
    with opened(operator, workspace) as hub:
        known = market_of(hub.operator, market)
        with hub.database.reading() as connection:
            jobs = frozen_jobs(connection, known.id, ended=ended)
    if as_json:
        write_json([_plain(asdict(each) | {"is_overdue": each.is_overdue(now)}) for each in jobs])
    elif jobs:
        table = Table(title="Paused for the take-over", title_justify="left")
        for heading in ("job", "owner", "why", "since", "runs again by", "state"):
            table.add_column(heading, overflow="fold")
        for each in jobs:
            state = "overdue" if each.is_overdue(now) else "paused" if each.ended_at is None else "runs again"
            cells = (
                each.name,
                each.owner,
                each.why,
                f"{each.paused_at:%Y-%m-%d}",
                f"{each.resume_by:%Y-%m-%d}",
                state,
            )
            table.add_row(*(escape(printable(cell)) for cell in cells))
        screen.print(table)
    else:
        _say("nothing is paused")
    if any(each.is_overdue(now) for each in jobs):
        raise typer.Exit(HARM)


def verdict_facts(verdict: GateVerdict) -> dict[str, Any]:
    """A verdict as JSON holds it."""
    return _plain(asdict(verdict) | {"cohort": str(verdict.cohort)})


def outcome_facts(outcome: GuardOutcome) -> dict[str, Any]:
    """A pass of the guard as JSON holds it."""
    trips = [
        {
            "kind": trip.signal.kind,
            "handoff": trip.signal.handoff,
            "does": trip.rule.does,
            "measured": str(trip.signal.measured),
            "works": list(trip.signal.works),
            "said": trip.said,
        }
        for trip in outcome.trips
    ]
    return {
        "market": outcome.market,
        "at": outcome.at.isoformat(),
        "trips": trips,
        "done": dict(outcome.done),
        "missed": dict(outcome.missed),
    }


def _show(verdict: GateVerdict, *, everything: bool) -> None:
    colour = _COLOURS[verdict.result]
    cohort = "" if verdict.cohort == EVERYTHING else escape(printable(f", for {verdict.cohort}"))
    screen.print(
        f"[bold]{verdict.handoff}[/]: {verdict.leaves} to {verdict.to}{cohort}: [{colour}]{verdict.result}[/]",
        highlight=False,
    )
    shown = [line for line in verdict.lines if everything or line.result == "off" or line in verdict.lacking]
    for line in shown:
        mark = f"[{_COLOURS[line.result]}]{line.result:12}[/]"
        screen.print(f"  {mark} {escape(printable(line.said))}", highlight=False)
        if line.works and line.result == "fail":
            screen.print(f"               {escape(printable(line.works_named(5)))}", highlight=False)
    if not shown:
        _say("  everything is shown")


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}


def _say(text: str) -> None:
    screen.print(printable(text), markup=False, highlight=False)
