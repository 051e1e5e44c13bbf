"""`splice market`: what the hub would do in the shadow of legacy, what differed and why, and that over history."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.intervals import DateInterval
from console.deciding import ActorOption, deciding
from console.handoff_named import HandoffArgument, MarketArgument, handoff_of
from console.opened_hub import opened
from console.workplace import EXAMPLE_OPERATOR, OperatorOption, WorkspaceOption, screen
from handoffs.comparison import UNEXPLAINED
from handoffs.shadow.explanation import Explanation, of_values
from hub.reports.amounts import amount_text
from hub.reports.replay_files import headline, write_replay
from hub.reports.replay_words import CLASS_NAMES, HANDOFF_NAMES, said
from hub.snapshots import market_of
from hub.takeover.shadow.explaining import explain_difference, withdraw
from hub.takeover.shadow.replay import ReplayReport, replay
from hub.takeover.shadow.run import shadow_market
from storage.shadow_comparisons import StoredComparison, comparisons_of, tally
from storage.shadow_explanations import explanations_of

MOST_SHOWN = 30
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def add_to(app: typer.Typer) -> None:
    """Add these commands to `splice market`."""
    app.command("shadow")(shadow)
    app.command("replay")(replayed)
    app.command("differences")(differences)
    app.command("explain")(explain)
    app.command("unexplain")(unexplain)


def shadow(
    market: MarketArgument,
    handoff: Annotated[
        list[str] | None, typer.Option("--handoff", help="Only this one, whatever its stage. May be repeated.")
    ] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """State what the hub would do with a market's orders, and compare it with what legacy was seen to do.

    Nothing is sent to anybody. Stating it again changes nothing.
    """
    wanted = None if not handoff else [handoff_of(each) for each in handoff]
    with opened(operator, workspace) as hub:
        outcome = shadow_market(hub, market, datetime.now(UTC), recorded=wanted)
    if not outcome.handoffs:
        _say(f"no hand-off of {market} is in shadow, canary or active: nothing is stated")
    for name, each in outcome.handoffs.items():
        news = ", ".join(f"{number} {CLASS_NAMES[kind]}" for kind, number in sorted(each.compared.items()))
        _say(
            f"{HANDOFF_NAMES[name]}: looked at {each.looked_at}, stated {each.stated}, waiting {each.waiting};"
            f" new: {news or 'nothing'}"
        )


def replayed(
    market: MarketArgument,
    handoff: HandoffArgument,
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the orders.")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Day after the last one.")],
    snapshot: Annotated[
        Path | None, typer.Option(help="Folder of a whole snapshot. Default: that of the run that stands.")
    ] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell the parity that a hand-off would have had over the orders of a period; nothing is stored."""
    if until <= since:
        raise ConfigurationError(f"from {since:%Y-%m-%d} to {until:%Y-%m-%d} is not a single day")
    period = DateInterval(since.date(), until.date())
    with opened(operator, workspace) as hub:
        report = replay(hub, market, handoff_of(handoff), period, snapshot)
        files = write_replay(report, hub.operator.file.operator, hub.reports / market)
    _show_replay(report)
    for name, path in (("page", files.page), ("workbook", files.workbook), ("CSV", files.differences_csv)):
        _say(f"{name:<9} {path}")


def differences(
    market: MarketArgument,
    handoff: HandoffArgument,
    everything: Annotated[bool, typer.Option("--all", help="Explained and proven ones as well.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what differs between hub and legacy and nobody has explained, with what was explained and until when."""
    wanted, now = handoff_of(handoff), datetime.now(UTC)
    kinds = None if everything else UNEXPLAINED
    with opened(operator, workspace) as hub:
        currency = market_of(hub.operator, market).currency
        with hub.database.reading() as connection:
            counted = tally(connection, market, wanted, LONG_AGO)
            found = comparisons_of(connection, market, wanted, kinds=kinds, most=MOST_SHOWN)
            explained = explanations_of(connection, market, wanted, now)
    _say(
        f"{HANDOFF_NAMES[wanted]}: {counted.clean} of {counted.compared} speak for the hub, {counted.waiting} wait,"
        f" {counted.critical} would have harmed somebody,"
        f" {amount_text(counted.unexplained_minor, currency)} unexplained"
    )
    _show_comparisons([each for each in found if each.differences])
    for each in explained:
        ends = f"{each.owner}, until {each.expires_at:%Y-%m-%d}"
        _say(f"explanation {each.number} of {each.field}: {each.reason} ({ends})")


def explain(
    market: MarketArgument,
    handoff: HandoffArgument,
    field: Annotated[str, typer.Argument(help="The field that differs.")],
    reason: Annotated[str, typer.Option(help="Why it may.")],
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="From that day on it explains nothing.")],
    where: Annotated[
        str | None, typer.Option(help="Condition over the row, in the rule language. Default: wherever it differs.")
    ] = None,
    intent: Annotated[str | None, typer.Option(help="Only where the hub says this.")] = None,
    observed: Annotated[str | None, typer.Option(help="Only where legacy did this.")] = None,
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Explain a difference for a while: with an owner and an end, or not at all."""
    wanted, decision = handoff_of(handoff), deciding(actor, reason)
    condition = where or "TRUE"
    if intent is not None or observed is not None:
        pair = of_values(wanted, field, intent, observed)
        condition = pair if where is None else f"({where}) AND {pair}"
    with opened(operator, workspace) as hub:
        kept = explain_difference(
            hub,
            Explanation(
                market=market,
                handoff=wanted,
                field=field,
                owner=owner,
                reason=reason,
                expires_at=until.replace(tzinfo=UTC),
                by=decision.actor,
                at=decision.at,
                condition=condition,
            ),
        )
    _say(f"explanation {kept.number} counts until {kept.expires_at:%Y-%m-%d}, from the next pass of shadow on")


def unexplain(
    market: MarketArgument,
    number: Annotated[int, typer.Argument(help="Of the explanation.")],
    actor: ActorOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Take an explanation back; what it explained is open again from the next pass on."""
    decision = deciding(actor)
    with opened(operator, workspace) as hub:
        withdraw(hub, market, number, decision.actor, decision.at)
    _say(f"explanation {number} is withdrawn")


def _show_replay(report: ReplayReport) -> None:
    parity = report.parity
    _say(f"{report.market.name}, {HANDOFF_NAMES[report.handoff].lower()}: {headline(report)}")
    _say(
        f"{report.orders:,} orders in {report.seconds:.1f} s; {report.waiting:,} wait for legacy,"
        f" of {report.silent:,} nothing would have been stated; {parity.critical:,} would have harmed somebody"
    )
    table = Table(title="Differences by cause", title_justify="left")
    for heading in ("field", "class", "hub", "legacy", "works", "for example"):
        table.add_column(heading, justify="right" if heading == "works" else "left")
    for cause in parity.causes[:MOST_SHOWN]:
        table.add_row(
            escape(cause.field),
            CLASS_NAMES[cause.kind],
            escape(said(cause.intent)),
            escape(said(cause.observed)),
            f"{cause.works:,}",
            escape(cause.example),
        )
    screen.print(table)


def _show_comparisons(found: list[StoredComparison]) -> None:
    table = Table(title="Differences", title_justify="left")
    for heading in ("work", "field", "class", "hub", "legacy", "evidence"):
        table.add_column(heading)
    for each in found:
        for one in each.differences:
            proofs = ", ".join(f"{name} {said(value)}" for name, value in one.evidence.items() if value is not None)
            table.add_row(
                escape(each.work),
                escape(one.field),
                CLASS_NAMES[one.kind],
                escape(said(one.intent)),
                escape(said(one.observed)),
                escape(proofs),
            )
    screen.print(table)


def _say(text: str) -> None:
    screen.print(text, highlight=False, markup=False)
