"""``handoffs.yaml``: gates, rollback rules and people of a take-over, and what was taken over before we came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from canonical_model.errors import Fault, configuration_error
from canonical_model.record import MarketId, ShortText
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from handoffs.gates import GatePolicy
from handoffs.metrics import METRICS, Metric
from handoffs.policy_blocks import CriterionBlock, GateFile, Gates, LeftStage, RuleBlock, Rules, SettleDays
from handoffs.rollback import SIGNALS, RollbackRule
from handoffs.stages import FORWARD, HANDOFFS, LED_BY, STAGES, Handoff, TakeoverStage
from hub.operator_folder.known_markets import unknown_market
from hub.operator_folder.operator_file import MarketBlock
from hub.operator_folder.plan_block import PlanBlock
from rules.rulebook import read_folder

HANDOFFS_FILE = "handoffs.yaml"
_ROLLBACK = "rollback.yaml"
_SHIPPED = "handoffs/policy"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PolicyBlock(_Part):
    """Overrides of our gates and rollback rules; what is not named stays as it comes with Splice.

    Attributes:
        gates: by hand-off, by the stage that is left, by metric.
        rollback: by kind of signal.
        settle_days: by hand-off, within which legacy usually acts; works that wait longer count as not compared.
    """

    gates: Gates = Field(default_factory=dict)
    settle_days: Mapping[Handoff, SettleDays] = Field(default_factory=dict)
    rollback: Rules = Field(default_factory=dict)


class MarketTakeover(PolicyBlock):
    """The take-over of one market: who decides, whose evidence counts too, and overrides for it alone.

    Attributes:
        gates: as in `everywhere`; these go before those.
        rollback: likewise.
        settle_days: likewise.
        owner: who answers for the take-over.
        approvers: who may approve a step.
        deputies: who may where no approver answers.
        remind_every_hours: how often they are reminded of a step that waits for them, and those whom ``tell`` names
            of a line that is stopped.
        deputies_after_hours: when deputies are asked, too.
        tell: mail addresses of those who are told at once when a rollback rule is tripped.
        pooled_with: like markets whose comparisons count beside its own.
        plan: the way of each hand-off; one that is not named goes no further by itself than it is.
    """

    owner: ShortText | None = None
    approvers: tuple[ShortText, ...] = ()
    deputies: tuple[ShortText, ...] = ()
    remind_every_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 24
    deputies_after_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 72
    tell: tuple[ShortText, ...] = ()
    pooled_with: tuple[MarketId, ...] = ()
    plan: Mapping[Handoff, PlanBlock] = Field(default_factory=dict)


class HandoffsFile(_Part):
    """The whole of ``handoffs.yaml``; without the file every market is watched only, and our gates hold.

    Attributes:
        declared: stage of each hand-off, by market, where it was taken over before Splice led it; what was led by it
            since counts instead.
        everywhere: overrides for all markets.
        markets: people and overrides of one.
    """

    declared: Mapping[MarketId, Mapping[Handoff, TakeoverStage]] = Field(default_factory=dict)
    everywhere: PolicyBlock = PolicyBlock()
    markets: Mapping[MarketId, MarketTakeover] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeoverPolicy:
    """What a take-over asks for: ours, and what the operator says otherwise.

    Attributes:
        file: what the operator says.
    """

    file: HandoffsFile = field(default_factory=HandoffsFile)

    @property
    def declared(self) -> Mapping[str, Mapping[Handoff, TakeoverStage]]:
        """Stages by market, where somebody declared them."""
        return self.file.declared

    def market(self, market: str) -> MarketTakeover:
        """People and overrides of a market."""
        return self.file.markets.get(market, MarketTakeover())

    def gate(self, market: str, handoff: Handoff, leaves: LeftStage) -> GatePolicy:
        """What has to be shown before a hand-off leaves a stage.

        Raises:
            ConfigurationError: our own files are wrong.
        """
        blocks = dict(_shipped().gates[handoff].get(leaves, {}))
        for part in (self.file.everywhere, self.market(market)):
            for metric, block in part.gates.get(handoff, {}).get(leaves, {}).items():
                blocks[metric] = block.over(blocks.get(metric, CriterionBlock()))
        pooled = self.market(market).pooled_with
        criteria = tuple(block.criterion(metric, pooled) for metric, block in blocks.items())
        return GatePolicy(market, handoff, leaves, FORWARD[leaves], criteria)

    def settle_time(self, market: str, handoff: Handoff) -> timedelta:
        """Within which legacy usually acts on a work of a hand-off.

        Raises:
            ConfigurationError: our own files are wrong.
        """
        days = {**_shipped().settle_days, **self.file.everywhere.settle_days, **self.market(market).settle_days}
        return timedelta(days=days[handoff])

    def rules(self, market: str) -> dict[str, RollbackRule]:
        """What is done about each kind of signal in a market.

        Raises:
            ConfigurationError: our own files are wrong.
        """
        blocks = dict(_shipped().rollback)
        for part in (self.file.everywhere, self.market(market)):
            for kind, block in part.rollback.items():
                blocks[kind] = block.over(blocks[kind])
        return {kind: block.rule(kind) for kind, block in blocks.items()}


def read_handoffs(text: str | None, markets: Mapping[str, MarketBlock], faults: list[Fault]) -> TakeoverPolicy:
    """Read the file.

    Args:
        text: its content; None where there is none.
        markets: that the operator has, by id.
        faults: what is wrong is added here.
    """
    source = None if text is None else read_yaml(text, HANDOFFS_FILE, faults)
    file = None if source is None or source.data is None else validated(source, HandoffsFile, faults)
    if source is None or file is None:
        return TakeoverPolicy()
    for market in file.declared:
        faults.extend(unknown_market(source.place("declared", market), market, markets))
    faults.extend(_policy_faults(source, file.everywhere, "everywhere"))
    for market, block in file.markets.items():
        faults.extend(unknown_market(source.place("markets", market), market, markets))
        faults.extend(_policy_faults(source, block, "markets", market))
        faults.extend(_pooling_faults(source, market, block, markets))
        for handoff, way in block.plan.items():
            place = source.place("markets", market, "plan", handoff)
            faults.extend(place.fault(said) for said in way.plan().faults())
    return TakeoverPolicy(file)


def plan_warnings(policy: TakeoverPolicy) -> Iterator[str]:
    """Markets in which a hand-off goes further than the one that leads it: the hub would wait for work in vain."""
    for market in sorted({*policy.file.markets, *policy.declared}):
        for handoff, leading in LED_BY.items():
            led, leads = (_furthest(policy, market, each) for each in (handoff, leading))
            if led > max(leads, STAGES.index("shadow")):
                yield (
                    f"{HANDOFFS_FILE}: in {market} {handoff} goes to {STAGES[led]}, and {leading} only to "
                    f"{STAGES[leads]}: the hub acts only on orders on which it acts there, too"
                )


def _furthest(policy: TakeoverPolicy, market: str, handoff: Handoff) -> int:
    """The place of the last stage that a hand-off is declared to be in, or is to come to."""
    stages: list[TakeoverStage] = [policy.declared.get(market, {}).get(handoff, "observe")]
    if handoff in policy.market(market).plan:
        stages.append(policy.market(market).plan[handoff].plan().until)
    return max(STAGES.index(each) for each in stages)


def shipped_policy() -> TakeoverPolicy:
    """Our gates and rules alone."""
    return TakeoverPolicy()


@dataclass(frozen=True, slots=True)
class _Shipped:
    gates: Mapping[Handoff, Mapping[LeftStage, Mapping[str, CriterionBlock]]]
    settle_days: Mapping[Handoff, int]
    rollback: Mapping[str, RuleBlock]


@cache
def _shipped() -> _Shipped:
    """Our own files, which do not change while a process lives."""
    faults: list[Fault] = []
    folder = Path(str(files("handoffs").joinpath("policy")))
    gates: dict[Handoff, Mapping[LeftStage, Mapping[str, CriterionBlock]]] = {}
    settle_days: dict[Handoff, int] = {}
    rollback: dict[str, RuleBlock] = {}
    for name, text in read_folder(folder, _SHIPPED, faults).items():
        source = read_yaml(text, name, faults)
        if source is None:
            continue
        if name.endswith(_ROLLBACK):
            found = {kind: validated(source.part(kind), RuleBlock, faults) for kind in source.data}
            rollback |= {kind: block for kind, block in found.items() if block is not None}
            faults.extend(_rule_faults(source, rollback))
        elif (file := validated(source, GateFile, faults)) is not None:
            gates[file.handoff] = file.gates
            settle_days[file.handoff] = file.settle_days
            for leaves, criteria in file.gates.items():
                faults.extend(_criterion_faults(source, file.handoff, leaves, criteria, {}, "gates", leaves))
    missing = [name for name in HANDOFFS if name not in gates] + [kind for kind in SIGNALS if kind not in rollback]
    faults.extend(Fault(_SHIPPED, 0, name, "has no policy") for name in missing)
    if faults:
        raise configuration_error(faults)
    return _Shipped(gates, settle_days, rollback)


def _policy_faults(source: YamlSource, block: PolicyBlock, *steps: str) -> Iterator[Fault]:
    yield from _rule_faults(source, block.rollback, *steps, "rollback")
    for handoff, stages in block.gates.items():
        for leaves, criteria in stages.items():
            ours = _shipped().gates[handoff].get(leaves, {})
            place = (*steps, "gates", handoff, leaves)
            yield from _criterion_faults(source, handoff, leaves, criteria, ours, *place)


def _criterion_faults(
    source: YamlSource,
    handoff: Handoff,
    leaves: LeftStage,
    criteria: Mapping[str, CriterionBlock],
    ours: Mapping[str, CriterionBlock],
    *steps: str,
) -> Iterator[Fault]:
    for name, block in criteria.items():
        place, metric = source.place(*steps, name), METRICS.get(name)
        if metric is None:
            yield place.fault(f"there is no metric {name}{nearest(name, METRICS)}")
            continue
        for ask in block.asks:
            if ask != metric.ask:
                yield place.fault(f"{name} is asked for by {metric.ask}, not by {ask}")
        if not block.asks and name not in ours:
            yield place.fault(f"our gate of {handoff} does not ask for {name} to leave {leaves}: state {metric.ask}")
        yield from (place.fault(said) for said in _meaningless(name, metric, block))


def _meaningless(name: str, metric: Metric, block: CriterionBlock) -> Iterator[str]:
    """What is asked for in a way that says nothing of such a metric."""
    if block.confidence is not None and "share" not in metric.kind:
        yield f"{name} is no share: no sample proves it, and confidence means nothing"
    if block.at_worst is not None and metric.ask != "worse_by":
        yield f"{name} does not stand beside legacy's as a share: at_worst means nothing"
    if block.is_torn:
        yield "at_worst is less than worse_by: it would rule out what is allowed"
    if metric.kind == "share" and (block.at_least or 0) > 100:
        yield "a share is 100 % at most"
    if block.confidence is not None and block.at_least == 100:
        yield "no sample proves 100 %: leave confidence out, or ask for less"


def _rule_faults(source: YamlSource, rules: Rules, *steps: str) -> Iterator[Fault]:
    for kind in rules:
        if kind not in SIGNALS:
            yield source.place(*steps, kind).fault(f"there is no signal {kind}{nearest(kind, SIGNALS)}")


def _pooling_faults(
    source: YamlSource, market: str, block: MarketTakeover, markets: Mapping[str, MarketBlock]
) -> Iterator[Fault]:
    for number, other in enumerate(block.pooled_with):
        place = source.place("markets", market, "pooled_with", number)
        yield from unknown_market(place, other, markets)
        if other == market:
            yield place.fault("a market is not pooled with itself")
        elif other in markets and market in markets:
            theirs, ours = markets[other].technology, markets[market].technology
            if theirs != ours:
                yield place.fault(f"{other} is {theirs} and {market} is {ours}: they are not alike")
