"""`splice reconcile` and `splice report`: judge a market, or an old snapshot again, and write the reports."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.money import Money
from console.opened_hub import opened
from console.workplace import (
    EXAMPLE_OPERATOR,
    AsOfOption,
    OperatorOption,
    WorkspaceOption,
    moment,
    opened_archive,
    screen,
)
from hub.delivery.deliver import Delivered, deliver
from hub.engine_choice import with_engine
from hub.reconcile import MarketOutcome, reconcile_market, reconcile_snapshot, report_again
from hub.runs import named_run, snapshot_of, standing_runs
from hub.snapshots import market_of

MarketsArgument = Annotated[list[str] | None, typer.Argument(help="Markets; all of them where none is named.")]


def reconcile(
    markets: MarketsArgument = None,
    snapshot: Annotated[Path | None, typer.Option(help="Judge this snapshot again instead of a new one.")] = None,
    as_of: AsOfOption = None,
    full: Annotated[bool, typer.Option("--full", help="Judge everything, even where what changed would do.")] = False,
    engine: Annotated[
        str | None, typer.Option(help="What computes, instead of what operator.yaml says: duckdb or spark.")
    ] = None,
    master: Annotated[str | None, typer.Option(help="Master of Spark: local[2], spark://HOST:PORT, yarn.")] = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Find every mismatch between what was delivered and what was billed, and write the reports.

    Where only records changed since the last run over everything, the same day, a large market is judged by the
    accounts that a change reaches: the findings are the same, to the cent. What was judged is said, and why.
    """
    with opened(operator, workspace) as opened_hub:
        hub = with_engine(opened_hub, engine, master)
        if snapshot is not None:
            show_outcome(reconcile_snapshot(hub, snapshot, datetime.now(UTC)))
            return
        for market in chosen(markets, list(hub.operator.markets)):
            market_of(hub.operator, market)
        for market in chosen(markets, list(hub.operator.markets)):
            with screen.status(escape(f"reconciling {market}")):
                outcome = reconcile_market(hub, market, moment(as_of), datetime.now(UTC), whole=full)
            show_outcome(outcome)


def report(
    markets: MarketsArgument = None,
    run: Annotated[int | None, typer.Option(help="Number of a run, as `splice reconcile` shows it.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Judge the snapshot again; needs the operator's folder, and more time.")
    ] = False,
    send: Annotated[
        bool, typer.Option("--deliver", help="Then send them wherever operator.yaml says; the same report once.")
    ] = False,
    send_again: Annotated[
        bool, typer.Option("--deliver-again", help="Send them even where they were sent, or may have been.")
    ] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the reports of the findings that stand; nothing is judged, unless --again is given.

    The findings of an older run are not kept: newer ones took their place. With --run and --again its snapshot is
    judged once more, and reported beside the newer reports.
    """
    with opened_archive(operator, workspace) as archive:
        wanted = [named_run(archive, run)] if run is not None else standing_runs(archive, markets)
        if not again and not send and not send_again:
            for one in wanted:
                show_outcome(report_again(archive, one))
            return
    with opened(operator, workspace) as hub:
        for one in wanted:
            outcome = (
                reconcile_snapshot(hub, snapshot_of(hub.archive, one)[0], datetime.now(UTC))
                if again
                else report_again(hub.archive, one)
            )
            show_outcome(outcome)
            if send or send_again:
                show_delivered(deliver(hub, outcome, lambda: datetime.now(UTC), anyway=send_again))


def chosen(markets: list[str] | None, known: list[str]) -> list[str]:
    """The markets that were named, or all."""
    return markets or known


def show_delivered(delivered: Sequence[Delivered]) -> None:
    """Print where a report went, and where it did not."""
    for one in delivered:
        when = "" if one.is_new else " before"
        said = f"{one.target}: {one.state}{when}" + (f": {one.reason}" if one.reason else "")
        screen.print(said, highlight=False, markup=False)
    if not delivered:
        screen.print("nobody is to have it: operator.yaml names no reports.deliver for it")


def show_outcome(outcome: MarketOutcome) -> None:
    """Print what a reconciliation came to: never a total over directions or classes."""
    report_ = outcome.report
    period = f"{report_.period_from} to {report_.period_to} (exclusive)"
    table = Table(title=escape(f"{report_.market_name}: {period}, {report_.currency}"), title_justify="left")
    for heading in ("rule", "outcome", "direction", "class", "findings", "exposure"):
        table.add_column(heading, justify="right" if heading in ("findings", "exposure") else "left")
    for rule_id, rule in sorted(report_.rules.items()):
        name = escape(f"{rule_id} {rule.title}")
        groups: dict[tuple[str, str], list[int]] = {}
        for finding in report_.findings:
            if finding.rule_id == rule_id:
                key = (finding.direction, finding.exposure_class)
                groups.setdefault(key, []).append(finding.exposure_minor)
        if not groups:
            table.add_row(name, rule.outcome, "", "", "0", "")
        for (direction, exposure_class), amounts in sorted(groups.items()):
            money = Money.from_minor(sum(amounts), report_.currency)
            table.add_row(name, rule.outcome, direction, exposure_class, str(len(amounts)), str(money))
    screen.print(table)
    if report_.not_judged:
        screen.print(f"{len(report_.not_judged)} not judged, each with its reason in the report")
    if not outcome.stands:
        screen.print("a newer moment was judged before: reported beside it, its findings are left as they are")
    if outcome.judged:
        screen.print(f"judged {outcome.judged}", highlight=False, markup=False)
    reports = f"run {outcome.run_id}, reports: {outcome.files.page}, {outcome.files.workbook.name}"
    screen.print(reports, highlight=False, markup=False)
