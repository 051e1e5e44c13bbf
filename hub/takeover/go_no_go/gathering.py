"""Put the document together that a step is decided by: read only, so that the same ledger gives the same document."""

from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from handoffs.gates import GateVerdict
from handoffs.plan import next_step
from handoffs.policy_blocks import LeftStage
from handoffs.questions import who_is_asked
from handoffs.stages import Handoff
from handoffs.takeover import Position, target_of
from hub.snapshots import market_of
from hub.takeover.authority import history_of
from hub.takeover.draining import draining_in
from hub.takeover.gate import GOOD_FOR
from hub.takeover.go_no_go.document import (
    AskedPeople,
    AskedStep,
    CaseInReport,
    GoNoGo,
    PartAtWork,
    stale_because,
)
from hub.takeover.measuring.findings import untouched_cases
from hub.takeover.measuring.versions import Versions, versions_of
from hub.takeover.powers import people_of
from hub.workplace import Hub
from storage.frozen_jobs import frozen_jobs
from storage.gate_clocks import clocks_of, since_when
from storage.gate_verdicts import verdicts
from storage.shadow_comparisons import tally
from storage.shadow_explanations import explanations_of
from storage.takeover_questions import questions


def go_no_go(hub: Hub, market_id: str, handoff: Handoff, now: datetime) -> GoNoGo:
    """The document about the next step of a hand-off, of the last verdict of its gate.

    Args:
        hub: the operator's hub.
        market_id: where.
        handoff: of what.
        now: this moment.

    Raises:
        ConfigurationError: there is no such market, or its gate was never judged.
        RetryableError: the database is out of reach.
    """
    market, policy = market_of(hub.operator, market_id), hub.operator.handoffs
    at_work, people = versions_of(hub.operator, market.id, handoff), people_of(hub, market.id)
    with hub.database.reading() as connection:
        number, verdict = _last_verdict(connection, market.id, handoff)
        position = history_of(connection, hub, market.id, handoff)[-1]
        ledger = tuple(reversed(questions(connection, market.id, handoff)))
        asked = next((each for each in ledger if each.state == "open"), None)
        settled = now - policy.settle_time(market.id, handoff)
        compared = tally(connection, market.id, handoff, verdict.clock_since, verdict.versions, settled)
        return GoNoGo(
            operator=hub.operator.file.operator,
            market_name=market.name,
            zone=market.zone,
            currency=market.currency,
            as_of=now,
            position=position,
            step=_step(hub, position),
            verdict_id=number,
            verdict=verdict,
            criteria={
                each.metric: each
                for each in policy.gate(market.id, handoff, cast("LeftStage", verdict.leaves)).criteria
            },
            stale=stale_because(
                verdict, position, now, at_work=at_work.fingerprint, policy=at_work.policy, good_for=GOOD_FOR
            ),
            draining=draining_in(connection, hub, market.id, handoff),
            cases=_cases(connection, market.id, handoff),
            tally=compared if compared.compared or compared.waiting else None,
            explanations=tuple(explanations_of(connection, market.id, handoff, now)),
            parts=_parts(connection, market.id, handoff, at_work, now),
            freezes=tuple(frozen_jobs(connection, market.id)),
            rules=tuple(rule for _, rule in sorted(policy.rules(market.id).items())),
            people=AskedPeople(
                people.approvers, people.deputies, () if asked is None else who_is_asked(asked, people, now)
            ),
            ledger=ledger,
        )


def _last_verdict(connection: Connection, market: str, handoff: Handoff) -> tuple[int, GateVerdict]:
    found = verdicts(connection, market, handoff, most=1)
    if not found:
        raise ConfigurationError(
            f"{market} {handoff}: its gate was never judged; `splice market gate {market} {handoff}` does"
        )
    return found[0]


def _step(hub: Hub, position: Position) -> AskedStep | None:
    way = hub.operator.handoffs.market(position.market).plan.get(position.handoff)
    step = None if way is None else next_step(position, way.plan())
    return None if step is None else AskedStep(step.kind, *target_of(position, step.kind, step.cohort))


def _cases(connection: Connection, market: str, handoff: Handoff) -> tuple[CaseInReport, ...]:
    cases = untouched_cases(connection, market, handoff)
    dearest = sorted(cases, key=lambda each: (-abs(each.seen_minor), each.rule_id, each.fingerprint))
    return tuple(
        CaseInReport(each.fingerprint[:8], each.rule_id, each.state, each.first_seen, each.seen_minor)
        for each in dearest
    )


def _parts(
    connection: Connection, market: str, handoff: Handoff, at_work: Versions, now: datetime
) -> tuple[PartAtWork, ...]:
    """Since when each part is as it is; one that nobody has looked at yet is so since now."""
    clocks = clocks_of(connection, market, handoff)
    return tuple(
        PartAtWork(name, fingerprint, since_when(clocks, name, fingerprint, now))
        for name, fingerprint in sorted(at_work.parts.items())
    )
