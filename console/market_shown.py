"""`splice market`: where the hand-offs of a market stand, how they came there, and who acts on an order."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.identifiers import parse_number
from console.as_json import write_json
from console.handoff_named import HandoffArgument, MarketArgument, handoff_of
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from hub.takeover.evidence_pack import write_evidence_pack
from hub.takeover.standing import HandoffStanding, market_history, market_standing, who_acts

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("show")(show)
    app.command("history")(history)
    app.command("who-acts")(who_acts_on)
    app.command("evidence")(evidence)


def show(
    market: MarketArgument,
    as_json: JsonOption = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the four hand-offs: stage, cohort, since when, and what is under way on each path."""
    now = datetime.now(UTC)
    with opened(operator, workspace) as hub:
        standing = market_standing(hub, market)
    if as_json:
        write_json([_plain(each) for each in standing])
        return
    table = Table("Hand-off", "Stage", "The hub acts on", "Since", "Open: hub", "legacy", "Remarks", box=None)
    for each in standing:
        position = each.position
        since = "" if position.since is None else f"{position.since:%Y-%m-%d %H:%M} UTC"
        table.add_row(
            position.handoff,
            position.stage,
            escape(_acts_on(each)),
            since,
            str(len(each.draining.hub)),
            str(len(each.draining.legacy)),
            escape("; ".join(_remarks(each, now))),
        )
    screen.print(table)


def history(
    market: MarketArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """List every move of the market's hand-offs: what, when, who and why."""
    with opened(operator, workspace) as hub:
        moves = market_history(hub, market)
    if not moves:
        screen.print(
            f"nothing in {market} was ever moved; stages are as handoffs.yaml declares them", highlight=False
        )
        return
    table = Table("When (UTC)", "Hand-off", "Move", "Stage", "Cohort", "Who", "Why", box=None)
    for handoff, each in moves:
        table.add_row(
            f"{each.at:%Y-%m-%d %H:%M:%S}",
            handoff,
            each.kind.replace("_", " "),
            each.stage,
            escape(str(each.cohort) if each.stage == "canary" else ""),
            escape(each.actor),
            escape(each.why),
        )
    screen.print(table)


def who_acts_on(
    market: MarketArgument,
    order: Annotated[str, typer.Argument(help="Number of the order.")],
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell who acts on an order, hand-off by hand-off, and why."""
    work = f"order/{parse_number(order)}"
    with opened(operator, workspace) as hub:
        found = who_acts(hub, market, work, datetime.now(UTC))
    table = Table("Hand-off", "Who acts", "Why", "Begun (UTC)", box=None)
    for each in found:
        begun = "" if each.path is None else f"{each.path.began_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(each.handoff, each.authority.actor, escape(each.authority.reason), begun)
    screen.print(table)


def evidence(
    market: MarketArgument,
    handoff: HandoffArgument,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write everything that the take-over of a hand-off rests on into one file: who moved what, by which evidence."""
    with opened(operator, workspace) as hub:
        path = write_evidence_pack(hub, market, handoff_of(handoff), datetime.now(UTC))
    screen.print(escape(str(path)), highlight=False, soft_wrap=True)


def _acts_on(standing: HandoffStanding) -> str:
    stage = standing.position.stage
    return str(standing.position.cohort) if stage in ("canary", "active", "legacy_retired") else "nothing"


def _remarks(standing: HandoffStanding, now: datetime) -> list[str]:
    position, said = standing.position, []
    if position.is_held:
        said.append(f"STOPPED by {position.why}")
    if standing.foreign:
        said.append(f"{len(standing.foreign)} foreign writes to decide")
    if position.epoch and position.stage in ("canary", "active"):
        lease = standing.lease
        if lease is None or lease.epoch != position.epoch:
            said.append("no guard has looked yet: nothing new is begun")
        elif lease.until <= now:
            said.append(f"the guard was to look again by {lease.until:%H:%M} UTC: nothing new is begun")
    return said


def _plain(standing: HandoffStanding) -> dict[str, Any]:
    position = standing.position
    return {
        "handoff": position.handoff,
        "stage": position.stage,
        "cohort": _acts_on(standing),
        "since": None if position.since is None else position.since.isoformat(),
        "is_held": position.is_held,
        "why": position.why,
        "open": {"hub": list(standing.draining.hub), "legacy": list(standing.draining.legacy)},
        "begun": standing.begun,
        "leased_until": None if standing.lease is None else standing.lease.until.isoformat(),
        "foreign_writes": [str(each) for each in standing.foreign],
    }
