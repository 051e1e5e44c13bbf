"""The fragmentation of a market: what passes between its systems, by whose hands, how long it waits, what it costs.

Made of what is connected. What is not connected is unknown, and named; nothing is guessed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from handoffs.stages import HANDOFFS, Handoff
from hub.kpis import MarketKpis, market_kpis
from hub.operator_folder.operator_file import Role
from hub.reconcile import reconcile_market
from hub.snapshots import limits_of, market_of
from hub.workplace import Hub
from reconciliation.findings import DIRECTIONS, EXPOSURE_CLASSES, Direction, ExposureClass, NotJudged
from reconciliation.kpis.definition import STAGES, Stage
from reconciliation.kpis.results import KpiResult
from rules.rulebook import load_rules
from storage.findings import not_judged_in
from storage.runs import latest_run

ROLE_OF: dict[Stage, Role] = {
    "order": "crm",
    "provisioning": "network",
    "dispatch": "field",
    "field": "field",
    "billing": "billing",
}
"""Whose systems a stage lives in."""


@dataclass(frozen=True, slots=True)
class StageSystems:
    """A stage and the systems it lives in.

    Attributes:
        systems: those that were ever pulled, with how many records of them are held.
        silent: those that operator.yaml names and that were never pulled.
    """

    stage: Stage
    systems: tuple[tuple[str, int], ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """Money lost at a hand-off: one direction in one class, never netted with another.

    Attributes:
        findings: how many carry it.
        exposure_minor: minor units of the market's currency.
    """

    direction: Direction
    exposure_class: ExposureClass
    findings: int
    exposure_minor: int


@dataclass(frozen=True, slots=True)
class HandoffPart:
    """One hand-off between two stages.

    Attributes:
        waiting: how long what passes waits there.
        touches: share of the touches at the receiving step that a person made, and which KPI's group that is.
        step: the step whose touches those are.
        rework: what goes wrong there: the KPIs that tell it.
        losses: what findings say is lost there.
        is_judged: some rule that watches it could judge; where none could, that nothing is lost there says nothing.
    """

    handoff: Handoff
    sender: Stage
    receiver: Stage
    waiting: KpiResult
    touches: KpiResult
    step: Stage
    rework: tuple[KpiResult, ...]
    losses: tuple[Loss, ...]
    is_judged: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that the report of an assessment says.

    Attributes:
        beside: losses of rules that watch no single hand-off.
        is_beside_judged: some of those rules could judge.
        not_judged: how many of which scope.
        inconclusive: rules that could not judge.
    """

    operator: str
    kpis: MarketKpis
    stages: tuple[StageSystems, ...]
    handoffs: tuple[HandoffPart, ...]
    beside: tuple[Loss, ...]
    is_beside_judged: bool
    not_judged: tuple[tuple[str, int], ...]
    inconclusive: tuple[str, ...]


_WAITING: dict[Handoff, str] = {
    "order_to_provisioning": "time_to_activation",
    "provisioning_to_dispatch": "order_to_work_order",
    "dispatch_to_field": "work_order_to_arrival",
    "field_to_billing": "time_to_invoice",
}
_STEP: dict[Handoff, Stage] = {
    "order_to_provisioning": "provisioning",
    "provisioning_to_dispatch": "dispatch",
    "dispatch_to_field": "field",
    "field_to_billing": "billing",
}
_REWORK: dict[Handoff, tuple[str, ...]] = {
    "order_to_provisioning": ("order_fallout", "zero_touch"),
    "provisioning_to_dispatch": ("dispatch_to_completion", "on_time"),
    "dispatch_to_field": ("first_visit_completion", "return_visits", "return_truck_rolls"),
    "field_to_billing": ("late_charges", "invoice_accuracy", "activation_float"),
}


def assess(hub: Hub, market_id: str, as_of: datetime, now: datetime, *, again: bool = False) -> Assessment:
    """Assess a market by its standing run; one that was never reconciled, or is to be again, is reconciled first.

    Raises:
        ConfigurationError: no such market, nothing of it was ever pulled, or a rule fails on the data.
        UnsafeToContinue: a rule ran over its time, or the findings do not add up.
        RetryableError: database, memory or disk is short.
    """
    market_of(hub.operator, market_id)
    with hub.database.reading() as connection:
        run = latest_run(connection, market_id)
    if run is None or again:
        reconcile_market(hub, market_id, as_of, now)
    kpis = market_kpis(hub.archive, market_id, limits=limits_of(hub.operator.file.engine))
    with hub.database.reading() as connection:
        not_judged = not_judged_in(connection, kpis.run.id)
    return assessment_of(kpis, not_judged)


def assessment_of(kpis: MarketKpis, not_judged: Iterable[NotJudged]) -> Assessment:
    """The assessment that KPIs and findings of a market make."""
    handoff_of = {rule.id: rule.handoff for rule in load_rules(kpis.manifest.rules)}
    outcomes = kpis.run.rule_outcomes
    beside = [rule for rule, handoff in handoff_of.items() if handoff not in HANDOFFS]
    return Assessment(
        operator=kpis.manifest.operator,
        kpis=kpis,
        stages=tuple(_systems(kpis, stage) for stage in STAGES),
        handoffs=tuple(_handoff(kpis, number, handoff_of) for number in range(len(HANDOFFS))),
        beside=_losses(kpis, beside),
        is_beside_judged=_is_judged(kpis, beside),
        not_judged=tuple(Counter(each.scope for each in not_judged).most_common()),
        inconclusive=tuple(sorted(rule for rule, outcome in outcomes.items() if outcome == "inconclusive")),
    )


def _systems(kpis: MarketKpis, stage: Stage) -> StageSystems:
    held: Counter[str] = Counter()
    silent: dict[str, None] = {}
    for feed in kpis.manifest.feeds:
        if feed.role != ROLE_OF[stage]:
            continue
        if feed.last_pull_at is None and feed.last_success_at is None:
            silent[feed.system] = None
        else:
            held[feed.system] += feed.records
    known = tuple(sorted(held.items()))
    return StageSystems(stage, known, tuple(name for name in silent if name not in held))


def _handoff(kpis: MarketKpis, number: int, handoff_of: dict[str, str | None]) -> HandoffPart:
    handoff = HANDOFFS[number]
    rules = [rule for rule, watched in handoff_of.items() if watched == handoff]
    return HandoffPart(
        handoff=handoff,
        sender=STAGES[number],
        receiver=STAGES[number + 1],
        waiting=kpis.result(_WAITING[handoff]),
        touches=kpis.result("touches_by_step"),
        step=_STEP[handoff],
        rework=tuple(kpis.result(name) for name in _REWORK[handoff]),
        losses=_losses(kpis, rules),
        is_judged=_is_judged(kpis, rules),
    )


def _is_judged(kpis: MarketKpis, rules: Sequence[str]) -> bool:
    return any(kpis.run.rule_outcomes.get(rule) in ("findings", "clean") for rule in rules)


def _losses(kpis: MarketKpis, rules: Sequence[str]) -> tuple[Loss, ...]:
    wanted = set(rules)
    sums: dict[tuple[Direction, ExposureClass], tuple[int, int]] = {}
    for finding in kpis.findings:
        if finding.rule_id in wanted and finding.explained_by is None:
            kind = (finding.direction, finding.exposure_class)
            number, minor = sums.get(kind, (0, 0))
            sums[kind] = (number + 1, minor + finding.exposure_minor)
    ordered = sorted(sums, key=lambda kind: (DIRECTIONS.index(kind[0]), EXPOSURE_CLASSES.index(kind[1])))
    return tuple(Loss(*kind, *sums[kind]) for kind in ordered)
