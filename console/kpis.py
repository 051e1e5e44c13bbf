"""`splice kpis` and `splice assess`: what the work of a market comes to, and where it falls apart."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from canonical_model.errors import ConfigurationError
from canonical_model.yaml_source import nearest
from console.as_json import write_json
from console.opened_hub import opened
from console.printable import printable
from console.workplace import (
    EXAMPLE_OPERATOR,
    AsOfOption,
    OperatorOption,
    WorkspaceOption,
    moment,
    opened_archive,
    screen,
)
from hub.assessment import assess as assess_market
from hub.kpis import market_kpis
from hub.reports.assess_page import headline, write_assessment
from hub.reports.kpi_words import STAGE_NAMES, spread_text, value_text
from hub.runs import judged
from reconciliation.kpis.definition import STAGES, Kpi, our_kpis
from reconciliation.kpis.document import kpi_facts
from reconciliation.kpis.results import KpiResult, whole_operator

WHOLE = "all markets"


def kpis(
    markets: Annotated[
        list[str] | None, typer.Argument(help="Markets; where none is named all, and all of them together.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--kpi", "-k", help="Only these KPIs, by id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with left-out counts and definitions.")] = False,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the KPIs of markets by their last reconciliation: value, median, 90th percentile, and of how many.

    Times are whole minutes or days, money is exact; median and 90th percentile are values that occurred.
    """
    chosen = _chosen(only)
    with opened_archive(operator, workspace) as archive:
        known = judged(archive)
        for market in markets or ():
            if known and market not in known:
                raise ConfigurationError(
                    f"market {market!r} was never reconciled{nearest(market, known)}: reconciled are"
                    f" {', '.join(known)}"
                )
        wanted = markets or known
        if not wanted:
            raise ConfigurationError("no market was ever reconciled: run `splice reconcile` first")
        results = [market_kpis(archive, market, chosen).results for market in wanted]
    by_kpi = [list(of_kpi) for of_kpi in zip(*results, strict=True)]
    if not markets and len(wanted) > 1:
        by_kpi = [[*of_kpi, *whole_operator(of_kpi)] for of_kpi in by_kpi]
    if as_json:
        write_json([kpi_facts(one) for of_kpi in by_kpi for one in of_kpi])
        return
    for stage in STAGES:
        shown = [one for of_kpi in by_kpi for one in of_kpi if one.kpi.stage == stage]
        if shown:
            screen.print(_table(STAGE_NAMES[stage], shown))


def assess(
    market: Annotated[str, typer.Argument(help="The market.")],
    again: Annotated[bool, typer.Option("--again", help="Reconcile it again first.")] = False,
    as_of: AsOfOption = None,
    operator: OperatorOption = EXAMPLE_OPERATOR,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the fragmentation assessment of a market: its hand-offs with systems, hands, waiting, rework and money.

    A market that was never reconciled is reconciled first; whatever is connected is enough, and what is not connected
    is named as unknown.
    """
    with opened(operator, workspace) as hub:
        found = assess_market(hub, market, moment(as_of), datetime.now(UTC), again=again)
        path = write_assessment(found, hub.reports / market)
    screen.print(headline(found), highlight=False)
    unknown = sum(bool(one.unknown) for one in found.kpis.results)
    if unknown:
        screen.print(
            f"{unknown} of {len(found.kpis.results)} figures are unknown, each with its reason in the report"
        )
    screen.print(f"assessment: {path}", highlight=False, markup=False, soft_wrap=True)


def _chosen(only: list[str] | None) -> tuple[Kpi, ...]:
    known = {kpi.id: kpi for kpi in our_kpis()}
    for name in only or ():
        if name not in known:
            raise ConfigurationError(f"--kpi: there is no KPI {name!r}{nearest(name, list(known))}")
    return tuple(known[name] for name in only) if only else tuple(known.values())


def _table(title: str, results: list[KpiResult]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("KPI", "market", "value", "median", "90 %", "measured", "left out"):
        right = heading in ("value", "median", "90 %", "measured")
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for one in results:
        whole = one.whole
        told = one.unknown or "; ".join([*(f"{count:,} {why}" for why, count in whole.left_out.items()), one.caveat])
        place = one.market or (f"{WHOLE}, {one.currency}" if one.currency else WHOLE)
        measured = "-" if one.unknown else f"{whole.measured:,} of {whole.population:,}"
        cells = (one.kpi.title, place, value_text(one), spread_text(one, whole.median), spread_text(one, whole.p90))
        table.add_row(*(escape(printable(cell)) for cell in (*cells, measured, told.strip("; "))))
    return table
