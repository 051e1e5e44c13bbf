"""Judge the gate of a hand-off: measure, hold against the policy, write the verdict down."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from handoffs.cohort import EVERYTHING, Cohort
from handoffs.gates import GateVerdict, judge
from handoffs.plan import next_step
from handoffs.policy_blocks import LeftStage
from handoffs.stages import FORWARD, Handoff, TakeoverStage
from handoffs.takeover import target_of
from hub.operator_folder.load import Operator
from hub.snapshots import market_of
from hub.takeover.authority import history_of
from hub.takeover.guard import Stages, StageSince, nobody_noted
from hub.takeover.measuring.measures import Evidence, PackagesOf, TallyOf, measures
from hub.takeover.measuring.versions import versions_of
from hub.takeover.signals.look import WINDOW, ForeignWrites, Look, no_foreign_writes
from hub.workplace import Hub
from storage.gate_clocks import set_clock
from storage.gate_verdicts import add_verdict, verdicts

GOOD_FOR = timedelta(hours=24)
"""A verdict that is older moves nothing."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom a gate asks beside the records.

    Attributes:
        stages: how far each hand-off is taken over.
        since: since when.
        tally: what the shadow came to.
        packages: how many jobs were told completely, by the shadow.
        foreign_writes: works on which legacy acted though the hub owns them.
    """

    stages: Stages
    since: StageSince = nobody_noted
    tally: TallyOf | None = None
    packages: PackagesOf | None = None
    foreign_writes: ForeignWrites = no_foreign_writes


def judge_gate(
    hub: Hub, market_id: str, handoff: Handoff, now: datetime, sources: Sources
) -> tuple[int, GateVerdict]:
    """Judge whether a hand-off may go one stage on, or its canary may be widened as its plan says; nothing moves.

    Returns:
        The verdict, and its number, by which a move names its evidence.

    Raises:
        ConfigurationError: there is no such market, nothing comes behind its stage, or our own policy is wrong.
        RetryableError: the database is out of reach.
    """
    market = market_of(hub.operator, market_id)
    versions = versions_of(hub.operator, market.id, handoff)
    with hub.database.writing() as connection:
        clock = set_clock(connection, market.id, handoff, versions.fingerprint, versions.parts, now)
    with hub.database.reading() as connection:
        stage = sources.stages(connection, market.id).get(handoff, "observe")
        if stage not in FORWARD:
            raise ConfigurationError(f"{market.id} {handoff}: nothing comes behind {stage}")
        leaves = cast("LeftStage", stage)
        began = sources.since(connection, market.id, handoff)
        since = clock.since if began is None else max(began, clock.since)
        cohort = _cohort_of_step(connection, hub, market.id, handoff, stage)
        window = max(WINDOW, now - since)
        look = Look(connection, hub.operator, market, now, None, sources.foreign_writes, window)
        evidence = Evidence(sources.tally, sources.packages, _pooled(hub.operator, market.id, handoff))
        found = measures(look, handoff, leaves, since, versions.fingerprint, evidence, cohort)
    policy = hub.operator.handoffs.gate(market.id, handoff, leaves)
    verdict = judge(
        policy,
        found,
        now,
        versions=versions.fingerprint,
        clock_since=since,
        today=market.local_date(now),
        cohort=cohort,
    )
    verdict = replace(verdict, asked=versions.policy)
    with hub.database.writing() as connection:
        return add_verdict(connection, verdict), verdict


def passing_verdict(
    connection: Connection, operator: Operator, market: str, handoff: Handoff, leaves: TakeoverStage, now: datetime
) -> tuple[int, GateVerdict] | None:
    """The last verdict about a hand-off, where it lets it go on now; None where it does not, or is no more.

    It has to be of the stage that is left, of the versions and the policy at work, no older than a day, and the last
    word.
    """
    last = next(iter(verdicts(connection, market, handoff, most=1)), None)
    if last is None:
        return None
    number, verdict = last
    is_of_now = timedelta() <= now - verdict.measured_at <= GOOD_FOR
    now_at_work = versions_of(operator, market, handoff)
    at_work = (verdict.versions, verdict.asked) == (now_at_work.fingerprint, now_at_work.policy)
    lets_go = verdict.result == "pass" and verdict.leaves == leaves
    return (number, verdict) if is_of_now and at_work and lets_go else None


def _cohort_of_step(connection: Connection, hub: Hub, market: str, handoff: Handoff, stage: TakeoverStage) -> Cohort:
    """What the next step of the market's plan would take over; everything, where no plan says so."""
    position = history_of(connection, hub, market, handoff)[-1]
    way = hub.operator.handoffs.market(market).plan.get(handoff)
    step = None if way is None or position.stage != stage else next_step(position, way.plan())
    if step is None or FORWARD[stage] == "shadow":
        return EVERYTHING
    return target_of(position, step.kind, step.cohort)[1]


def _pooled(operator: Operator, market: str, handoff: Handoff) -> Mapping[str, str]:
    others = operator.handoffs.market(market).pooled_with
    return {other: versions_of(operator, other, handoff).fingerprint for other in others}
