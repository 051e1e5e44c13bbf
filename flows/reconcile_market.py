"""Judge one market by what is known of it now."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from prefect.states import Completed, State

from flows.artifacts import show_market
from flows.asked import MarketRequest
from flows.steps import judge_market


def _name() -> str:
    return f"reconcile {flow_run.parameters['request'].market}"


@flow(name="reconcile_market", flow_run_name=_name)
def reconcile_market(request: MarketRequest) -> State[Any]:
    """Take a snapshot of a market, find every mismatch between delivered and billed, write the reports."""
    return Completed(message=judge_and_show(request))


def judge_and_show(request: MarketRequest) -> str:
    """The work of the flow; returns the sentence that its state carries."""
    outcome = judge_market(request)
    show_market(outcome)
    inconclusive = sum(rule.outcome == "inconclusive" for rule in outcome.report.rules.values())
    held = f", {inconclusive} rules inconclusive (stale feed)" if inconclusive else ""
    return f"{len(outcome.report.findings)} findings{held}; report {outcome.files.page.name}"
