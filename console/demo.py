"""`splice demo`: the main job on a simulated operator, from four live systems to reports, proved to the cent."""

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from canonical_model.errors import UnsafeToContinue
from console.estate import FaultsOption, MonthsOption, SeedOption, SubscribersOption
from console.estate_process import EstateProcess, running_estate
from console.proof import RuleProof, proof_table, prove
from console.sync import progress_bars, pull
from console.workplace import EXAMPLE_OPERATOR, screen
from hub.reconcile import MarketOutcome, reconcile_market
from hub.sync import streams_of
from hub.workplace import Hub, open_hub

WORKSPACE = Path("var/demo")


def demo(
    subscribers: SubscribersOption = 1500,
    months: MonthsOption = 12,
    seed: SeedOption = 1,
    faults: FaultsOption = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the estate and the Prefect UI up to look around.")
    ] = False,
    workspace: Annotated[Path, typer.Option(help="Folder for all that the demo writes; emptied first.")] = WORKSPACE,
) -> None:
    """Run the whole way on a simulated operator and prove the findings against its true ledger."""
    began = time.monotonic()
    shutil.rmtree(workspace, ignore_errors=True)
    screen.print(f"A simulated operator: {subscribers:,} subscribers, {months} months, seed {seed}")
    with running_estate(subscribers, months, seed, faults) as estate:
        environment = os.environ | dict(estate.variables)
        with open_hub(EXAMPLE_OPERATOR, workspace, environment) as hub:
            _pull_everything(hub, estate)
            outcomes = _reconcile_everything(hub, estate)
            proofs = _prove(hub, outcomes, estate)
            _show(hub, outcomes, proofs)
        screen.print(f"{time.monotonic() - began:.0f} s")
        if keep:
            _stay(workspace, environment)
    if not all(proof.is_exact for proof in proofs):
        raise UnsafeToContinue("the findings are not what was planted: see the red rows of the table")


def _pull_everything(hub: Hub, estate: EstateProcess) -> None:
    with progress_bars() as bars:
        for system in hub.operator.file.systems:
            for stream in streams_of(hub, system):
                pull(hub, system, stream, estate.as_of, bars)


def _reconcile_everything(hub: Hub, estate: EstateProcess) -> list[MarketOutcome]:
    outcomes = []
    with progress_bars() as bars:
        for market in hub.operator.markets:
            task = bars.add_task(f"judge {market}", total=None)
            outcomes.append(
                reconcile_market(hub, market, estate.as_of, estate.as_of, lambda _, t=task: bars.advance(t))
            )
            bars.update(task, total=bars.tasks[task].completed)
    return outcomes


def _prove(hub: Hub, outcomes: list[MarketOutcome], estate: EstateProcess) -> list[RuleProof]:
    """The ledger is asked for only now, when every finding lies in the database."""
    checks = {rule.id: rule.check or rule.id for rule in hub.operator.rulebook.rules}
    findings = [finding for outcome in outcomes for finding in outcome.report.findings]
    return prove(findings, checks, estate.ledger())


def _show(hub: Hub, outcomes: list[MarketOutcome], proofs: list[RuleProof]) -> None:
    rules = hub.operator.rulebook.rules
    titles = {rule.check or rule.id: rule.title for rule in reversed(rules)}
    currencies: Mapping[str, str] = {market.id: market.currency for market in hub.operator.markets.values()}
    screen.print(proof_table(proofs, currencies, titles))
    for outcome in outcomes:
        unjudged = len(outcome.report.not_judged)
        screen.print(f"{outcome.report.market_name}: {outcome.files.page} ({unjudged} not judged)", highlight=False)


def _stay(workspace: Path, environment: Mapping[str, str]) -> None:
    del workspace, environment
