"""`splice demo`: the main job on a simulated operator, from four live systems to reports, proved to the cent."""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Annotated

import typer

from canonical_model.errors import UnsafeToContinue
from console.cause_proof import CauseProof, cause_table, prove_causes
from console.demo_workspace import WORKSPACE, WorkspaceOption, emptied
from console.estate import FaultsOption, MonthsOption, SeedOption, SubscribersOption
from console.estate_process import EstateProcess, running_estate
from console.proof import RuleProof, proof_table, prove
from console.up import stay_up
from console.watching import watched_pulls
from console.workplace import EXAMPLE_OPERATOR, screen
from hub.causes import market_causes
from hub.workplace import Hub, open_hub
from storage.findings import findings_of

KeepOption = Annotated[bool, typer.Option("--keep", help="Leave the estate and the Prefect UI up to look around.")]


def demo(
    subscribers: SubscribersOption = 1500,
    months: MonthsOption = 12,
    seed: SeedOption = 1,
    faults: FaultsOption = "",
    keep: KeepOption = False,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Run the whole way on a simulated operator and prove the findings against its true ledger."""
    began = time.monotonic()
    emptied(workspace)
    screen.print(f"A simulated operator: {subscribers:,} subscribers, {months} months, seed {seed}", highlight=False)
    with running_estate(subscribers, months, seed, faults) as estate:
        environment = os.environ | dict(estate.variables)
        with open_hub(EXAMPLE_OPERATOR, workspace, environment) as hub:
            _run_flows(hub, estate, environment)
            proofs, shared, unplanted = _prove(hub, estate)
            _show(hub, proofs, shared, unplanted)
        took = time.monotonic() - began
        hint = "" if keep else " Look around with `splice demo --keep`."
        screen.print(f"{took:.0f} s.{hint} Explain a finding with", highlight=False)
        screen.print(f"  splice explain FINGERPRINT --workspace {workspace}", highlight=False, markup=False)
        if keep:
            stay_up(EXAMPLE_OPERATOR, workspace, environment)
    if not (all(proof.is_exact for proof in proofs) and all(proof.is_exact for proof in shared)):
        raise UnsafeToContinue("the findings are not what was planted: see the red rows of the tables")


def _run_flows(hub: Hub, estate: EstateProcess, environment: Mapping[str, str]) -> None:
    """Run each market as its flow on a Prefect server of our own, so that the UI shows what happened."""
    # Prefect takes a second to import; no other command pays for it
    from flows.asked import MarketRequest  # noqa: PLC0415
    from flows.reporting import reporting_to  # noqa: PLC0415
    from flows.server import local_server  # noqa: PLC0415
    from flows.work_pool import create_pools_and_limits  # noqa: PLC0415

    with ExitStack() as stack:
        with screen.status("starting a Prefect server"):
            server = stack.enter_context(local_server(hub.workspace / "prefect", inherited=environment))
        stack.enter_context(reporting_to(server, environment))
        from flows.run_market import run_market  # noqa: PLC0415 - reads the environment that was just set

        create_pools_and_limits(hub.operator.file)
        with watched_pulls(hub.database):
            for market in hub.operator.markets:
                run_market(
                    MarketRequest(
                        operator=EXAMPLE_OPERATOR.resolve(),
                        workspace=hub.workspace.resolve(),
                        as_of=estate.as_of,
                        market=market,
                    )
                )


def _prove(hub: Hub, estate: EstateProcess) -> tuple[list[RuleProof], list[CauseProof], list[str]]:
    """The ledger is asked for only now, when everything that was found lies in the database."""
    checks = {rule.id: rule.check or rule.id for rule in hub.operator.rulebook.rules}
    with hub.database.reading() as connection:
        found = [stored.finding for market in hub.operator.markets for stored in findings_of(connection, market)]
    told = {market: market_causes(hub.archive, market).causes for market in hub.operator.markets}
    ledger = estate.ledger()
    return prove(found, checks, ledger), *prove_causes(told, found, checks, ledger)


def _show(hub: Hub, proofs: list[RuleProof], shared: list[CauseProof], unplanted: list[str]) -> None:
    titles = {rule.check or rule.id: rule.title for rule in reversed(hub.operator.rulebook.rules)}
    currencies = {market.id: market.currency for market in hub.operator.markets.values()}
    screen.print(proof_table(proofs, currencies, titles))
    if shared:
        screen.print(cause_table(shared, currencies))
    for group in unplanted:
        screen.print(f"more than chance, and not planted together: {group}", highlight=False, markup=False)
    for page in sorted(page for market in hub.operator.markets for page in (hub.reports / market).glob("*.html")):
        others = ", ".join(sorted(each.suffix for each in page.parent.glob(f"{page.stem}.*") if each != page))
        beside = f"  (and {others})" if others else ""
        screen.print(f"report  {page}{beside}", highlight=False, markup=False)
    screen.print(f"quality of what each system gives  {hub.reports / 'quality'}", highlight=False, markup=False)
