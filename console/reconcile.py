"""`splice reconcile` and `splice report`: judge a market, or an old snapshot again, and write the reports."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.money import Money
from console.workplace import (
    EXAMPLE_OPERATOR,
    AsOfOption,
    OperatorOption,
    WorkspaceOption,
    moment,
    opened,
    screen,
)
from hub.reconcile import MarketOutcome, reconcile_market, reconcile_snapshot
from hub.snapshots import market_of
from storage.runs import latest_run

MarketsArgument = Annotated[list[str] | None, typer.Argument(help="Markets; all of them where none is named.")]


def reconcile(
    markets: MarketsArgument = None,
    snapshot: Annotated[Path | None, typer.Option(help="Judge this snapshot again instead of a new one.")] = None,
    as_of: AsOfOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Find every mismatch between what was delivered and what was billed, and write the reports."""
    with opened(operator, workspace) as hub:
        if snapshot is not None:
            show_outcome(reconcile_snapshot(hub, snapshot, datetime.now(UTC)))
            return
        for market in chosen(markets, list(hub.operator.markets)):
            market_of(hub.operator, market)
        for market in chosen(markets, list(hub.operator.markets)):
            with screen.status(f"reconciling {market}"):
                outcome = reconcile_market(hub, market, moment(as_of), datetime.now(UTC))
            show_outcome(outcome)


def report(
    markets: MarketsArgument = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the reports of the latest snapshots again."""
    with opened(operator, workspace) as hub:
        for market in chosen(markets, list(hub.operator.markets)):
            market_of(hub.operator, market)
            with hub.database.reading() as connection:
                run = latest_run(connection, market)
            if run is None:
                raise ConfigurationError(
                    f"market {market} was never reconciled: run `splice reconcile {market}` first"
                )
            show_outcome(reconcile_snapshot(hub, Path(run.snapshot_path), datetime.now(UTC)))


def chosen(markets: list[str] | None, known: list[str]) -> list[str]:
    """The markets that were named, or all."""
    return markets or known


def show_outcome(outcome: MarketOutcome) -> None:
    """Print what a reconciliation came to: never a total over directions or classes."""
    report_ = outcome.report
    table = Table(
        title=f"{report_.market_name}: {report_.period_from} to {report_.period_to} (exclusive), {report_.currency}",
        title_justify="left",
    )
    for heading in ("rule", "outcome", "direction", "class", "findings", "exposure"):
        table.add_column(heading, justify="right" if heading in ("findings", "exposure") else "left")
    for rule_id, rule in sorted(report_.rules.items()):
        groups: dict[tuple[str, str], list[int]] = {}
        for finding in report_.findings:
            if finding.rule_id == rule_id:
                key = (finding.direction, finding.exposure_class)
                groups.setdefault(key, []).append(finding.exposure_minor)
        if not groups:
            table.add_row(f"{rule_id} {rule.title}", rule.outcome, "", "", "0", "")
        for (direction, exposure_class), amounts in sorted(groups.items()):
            money = Money.from_minor(sum(amounts), report_.currency)
            table.add_row(
                f"{rule_id} {rule.title}", rule.outcome, direction, exposure_class, str(len(amounts)), str(money)
            )
    screen.print(table)
    if report_.not_judged:
        screen.print(f"{len(report_.not_judged)} not judged, each with its reason in the report")
    screen.print(f"reports: {outcome.files.page}, {outcome.files.workbook.name}", highlight=False)
