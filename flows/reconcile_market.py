"""Judge one market by what is known of it now."""

from collections.abc import Sequence

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.artifacts import show_assessment, show_market
from flows.asked import MarketRequest
from flows.opening import HubAtHand, opened
from flows.steps import FinishedRun, deliver_report, judge_market, write_market_assessment
from hub.delivery.deliver import Delivered, is_awaited
from hub.reconcile import MarketOutcome
from hub.reports.wording import counted


def _name() -> str:
    return f"reconcile {flow_run.parameters['request'].market}"


@flow(name="reconcile_market", flow_run_name=_name, persist_result=False)
def reconcile_market(request: MarketRequest) -> State[MarketOutcome]:
    """Take a snapshot of a market, find every mismatch between delivered and billed, write the reports."""
    with opened(request) as at_hand:
        return judge_and_show(at_hand, request)


def judge_and_show(at_hand: HubAtHand, request: MarketRequest) -> State[MarketOutcome]:
    """The work of the flow; the state says what was found and carries the outcome to who called the flow."""
    outcome = judge_market(at_hand, request)
    show_market(outcome)
    if outcome.stands:
        show_assessment(request.market, *write_market_assessment(at_hand, request))
    return ended(outcome, delivered(at_hand, outcome, again=request.deliver_again))


def delivered(at_hand: HubAtHand, outcome: MarketOutcome, *, again: bool = False) -> tuple[Delivered, ...]:
    """Send the report, where somebody is to have it."""
    return deliver_report(at_hand, FinishedRun(outcome), again) if is_awaited(at_hand.hub, outcome) else ()


def ended(outcome: MarketOutcome, places: Sequence[Delivered] = ()) -> State[MarketOutcome]:
    """The state that says what was found and carries the outcome to who called the flow."""
    report = outcome.report
    inconclusive = sum(rule.outcome == "inconclusive" for rule in report.rules.values())
    sent = [one for one in places if one.state == "sent" and one.is_new]
    had = [one for one in places if one.state == "sent" and not one.is_new]
    said = [
        f"{len(report.findings)} findings",
        *([f"{len(report.not_judged)} not judged"] if report.not_judged else []),
        *([f"{inconclusive} rules inconclusive (feeds they need are stale or not whole)"] if inconclusive else []),
        *([f"judged {outcome.judged}"] if outcome.judged else []),
        *([] if outcome.stands else ["reported only, as a newer moment was judged before"]),
        *([f"delivered to {counted(len(sent), 'place')}"] if sent else []),
        *([f"{counted(len(had), 'place')} had the same report before"] if had else []),
        *(f"not delivered to {one.target} ({one.state}: {one.reason})" for one in places if one.state != "sent"),
        f"report {outcome.files.page.name}",
    ]
    return Completed(message=", ".join(said), data=outcome)
