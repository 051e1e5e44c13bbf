"""`splice network`: what the network shows to be wrong, and who has to do something about it."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from console.as_json import write_json
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, AsOfOption, OperatorOption, WorkspaceOption, moment, screen
from hub.network_watch.resets import reapply_after_resets
from hub.network_watch.watch import WatchOutcome, watch_market
from hub.sagas.elements import open_element
from hub.snapshots import market_of
from hub.takeover.authority import authority_of
from provisioning.watch.incidents import ACTIONS
from storage.incidents import KeptIncident, incidents_since

app = typer.Typer(no_args_is_help=True, help="What the network shows to be wrong, before a customer calls.")

MarketArgument = Annotated[str, typer.Argument(help="Id of the market in operator.yaml.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("watch")
def watch(
    market: MarketArgument,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Judge the last sweep: open, keep and close incidents, and ask for a crew where the plant is at fault."""
    with opened(operator, workspace) as hub:
        now = moment(as_of)
        outcome = watch_market(hub, market, now, authority_of(hub, lambda: now))
    if as_json:
        write_json([incident_facts(each) for each in outcome.incidents])
        return
    nothing = "nothing is wrong" if outcome.lines else "nothing can be said: no reading is fresh"
    screen.print(_table("Incidents", outcome.incidents) if outcome.incidents else nothing, highlight=False)
    for line in told(outcome):
        screen.print(line, markup=False, highlight=False)


@app.command("resets")
def resets(
    market: MarketArgument, operator: OperatorOption = EXAMPLE_OPERATOR, workspace: WorkspaceOption = None
) -> None:
    """Ask which routers were reset to their factory settings, and have them told their own again."""
    with opened(operator, workspace) as hub:
        known, now = market_of(hub.operator, market), datetime.now(UTC)
        may_act = authority_of(hub, lambda: now)
        found = reapply_after_resets(hub, known.id, now, may_act, lambda element: open_element(hub, element))
    for saga in found.begun:
        screen.print(f"service {saga.service_id}: saga {saga.id} ({saga.key})", markup=False, highlight=False)
    screen.print(found.away or f"{len(found.begun)} routers get their settings again", markup=False, highlight=False)


@app.command("incidents")
def incidents(
    market: MarketArgument,
    days: Annotated[int, typer.Option(min=0, help="Also those that were closed within so many days.")] = 0,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List what is wrong, and what was wrong lately."""
    since = datetime.now(UTC) - timedelta(days=days)
    with opened(operator, workspace) as hub:
        known = market_of(hub.operator, market)
        with hub.database.reading() as connection:
            found = incidents_since(connection, known.id, since)
    if as_json:
        write_json([incident_facts(each) for each in found])
        return
    screen.print(_table("Incidents", found) if found else "nothing is wrong", highlight=False)


def incident_facts(incident: KeptIncident) -> dict[str, Any]:
    """An incident as JSON holds it; moments in UTC."""
    facts = asdict(incident)
    return facts | {
        name: None if facts[name] is None else facts[name].isoformat()
        for name in ("opened_at", "seen_at", "closed_at")
    }


def told(outcome: WatchOutcome) -> list[str]:
    """What a look came to, in sentences."""
    lines = [f"{outcome.lines} lines judged, {len(outcome.opened)} incidents opened, {len(outcome.closed)} closed"]
    lines += [
        f"{element} has been silent since {at:%Y-%m-%d %H:%M} UTC" for element, at in sorted(outcome.silent.items())
    ]
    used = {each.action for each in outcome.incidents}
    lines += [f"{name}: {action.meaning}" for name, action in ACTIONS.items() if name in used]
    return lines + [
        f"no crew was sent for incident {number}: {why}" for number, why in sorted(outcome.not_sent.items())
    ]


def _table(title: str, found: list[KeptIncident] | tuple[KeptIncident, ...]) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False)
    for heading in ("", "since (UTC)", "what is wrong", "what is done"):
        table.add_column(heading, no_wrap=heading == "since (UTC)")
    for each in found:
        done: str = each.action
        if each.closed_at is not None:
            done = f"over since {each.closed_at:%Y-%m-%d %H:%M}"
        elif each.effect_key is not None:
            done = "crew, its job is asked for"
        table.add_row(str(each.id), f"{each.opened_at:%Y-%m-%d %H:%M}", escape(each.said), escape(done))
    return table
