"""The tasks that flows are made of: each is a batch of work, never a single record."""

from datetime import UTC, datetime
from pathlib import Path

from prefect.concurrency.sync import concurrency

from flows.asked import IdentityRequest, MarketRequest, OutboxRequest, SourceRequest, WatchRequest
from flows.opening import HubAtHand
from flows.retrying import step
from flows.work_pool import source_limit
from hub.assessment import Assessment, assess
from hub.cases.sending import note_outbox, send_approved
from hub.cases.worked import BY_POLICY
from hub.decision import Decision
from hub.delivery.deliver import Delivered, deliver
from hub.effects.drain import drain
from hub.effects.handling import DrainOutcome
from hub.identity.match import Matched, match
from hub.network_watch.resets import Resets, reapply_after_resets
from hub.network_watch.watch import WatchOutcome, watch_market
from hub.reconcile import MarketOutcome, reconcile_market
from hub.reports.assess_page import write_assessment
from hub.reports.questions_page import QuestionFiles, write_questions
from hub.sagas.elements import open_element
from hub.stream_pull import StreamOutcome
from hub.sync import sync_stream
from hub.takeover.authority import authority_of
from identity.settings import Subject


class FinishedRun:
    """A run with its report, and when it had ended, for a task: Prefect looks through any dataclass it is given."""

    def __init__(self, outcome: MarketOutcome) -> None:
        self.outcome = outcome
        self.at = _now()


@step("pull {stream} of {request.system}")
def pull_stream(at_hand: HubAtHand, request: SourceRequest, stream: str) -> StreamOutcome:
    """Pull what changed in one stream; pages already stored are not pulled again by a retry."""
    # a slot is waited for, whichever run holds it; a server that knows no such limit sets none
    with concurrency(source_limit(request.system), occupy=1):
        return sync_stream(at_hand.hub, request.system, stream, request.moment)


@step("judge {request.market}")
def judge_market(at_hand: HubAtHand, request: MarketRequest) -> MarketOutcome:
    """Take a snapshot of a market, judge it and write the reports."""
    return reconcile_market(at_hand.hub, request.market, request.moment, _now())


@step("assess {request.market}")
def write_market_assessment(at_hand: HubAtHand, request: MarketRequest) -> tuple[Assessment, Path]:
    """Write the assessment of a market that was just judged; a retry judges nothing again."""
    found = assess(at_hand.hub, request.market, request.moment, _now())
    return found, write_assessment(found, at_hand.hub.reports / request.market)


@step("deliver the report")
def deliver_report(at_hand: HubAtHand, finished: FinishedRun, again: bool) -> tuple[Delivered, ...]:
    """Send the report to whoever is to have it; a retry sends only what did not go out."""
    return deliver(at_hand.hub, finished.outcome, _now, anyway=again, asked_at=finished.at)


@step("drain the outbox")
def drain_journal(at_hand: HubAtHand, request: OutboxRequest) -> DrainOutcome:
    """Take up every effect that is due; a retry finds in the journal what the try before it did.

    Remedies that the policy approved are put behind them, for the next time.
    """
    hub = at_hand.hub
    may_act = authority_of(hub, _now)
    outcome = drain(hub, _now, may_act, most=request.most)
    note_outbox(hub, _now())
    send_approved(hub, Decision("drain_outbox", _now()), may_act, approved_by=BY_POLICY)
    return outcome


@step("look at the network of {request.market}")
def look_at_network(at_hand: HubAtHand, request: WatchRequest) -> WatchOutcome:
    """Judge the last sweep of a market; a retry looks at the same sweep and opens nothing twice."""
    return watch_market(
        at_hand.hub, request.market, request.moment, authority_of(at_hand.hub, lambda: request.moment)
    )


@step("look for reset routers of {request.market}")
def look_for_resets(at_hand: HubAtHand, request: WatchRequest) -> Resets:
    """Have routers told their settings again that were reset; a retry begins nothing twice."""
    hub = at_hand.hub
    return reapply_after_resets(
        hub, request.market, _now(), authority_of(hub, _now), lambda element: open_element(hub, element)
    )


@step("match {subject}")
def match_records(at_hand: HubAtHand, request: IdentityRequest, subject: Subject) -> Matched:
    """Match all records of a subject; a retry finds the answers and what was learnt before."""
    return match(at_hand.hub, subject, request.moment)


@step("write the questions")
def write_question_files(at_hand: HubAtHand, request: IdentityRequest) -> QuestionFiles:
    """Write the page and the workbook of what a person is asked."""
    return write_questions(at_hand.hub, request.moment)


def _now() -> datetime:
    return datetime.now(UTC)
