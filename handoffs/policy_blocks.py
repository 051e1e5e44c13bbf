"""What a file of gates and rollback rules holds: the blocks of ours, and of an operator's overrides."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from canonical_model.record import ShortText
from handoffs.criteria import Criterion, Exemption
from handoffs.metrics import METRICS, Ask
from handoffs.rollback import Deed, RollbackRule
from handoffs.stages import Handoff
from handoffs.statistics import CONFIDENCES

LeftStage = Literal["observe", "shadow", "canary", "active"]
"""A stage that a gate leads out of."""

Bound = Annotated[Decimal, Field(ge=0)]
_ASKS: tuple[Ask, ...] = ("at_least", "at_most", "worse_by", "times")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OffBlock(_Part):
    """Something is not asked for: who answers for that, why, and until when. Without one of these it is refused.

    Attributes:
        owner: who answers for it.
        reason: why.
        until: last day on which it counts; the day after it is asked for again.
    """

    owner: ShortText
    reason: ShortText
    until: date

    @property
    def exemption(self) -> Exemption:
        """The same as gates take it."""
        return Exemption(self.owner, self.reason, self.until)


class CriterionBlock(_Part):
    """What a gate asks of one metric; of an override only what is other than ours.

    Attributes:
        at_least: of a share in percent, or a number that grows.
        at_most: of a number that should be small.
        worse_by: points of a percent that the hub may be worse than legacy.
        times: multiple of legacy's figure that the hub may reach.
        sample: fewer say nothing; of figures beside legacy's, on each path.
        confidence: in percent (80, 90, 95, 99 or 99.9), with which the sample has to prove a share; beside legacy's,
            with which the hub has to be shown to be worse.
        at_worst: beside legacy's, points of a percent that the samples have to rule out; 10 where nothing is stated.
        here: of a pooled sample, how many have to be of this market.
        fresh_hours: older measures say nothing.
        off: it is not asked for.
    """

    at_least: Bound | None = None
    at_most: Bound | None = None
    worse_by: Bound | None = None
    times: Bound | None = None
    sample: Annotated[int, Field(ge=0)] | None = None
    confidence: Decimal | None = None
    at_worst: Bound | None = None
    here: Annotated[int, Field(ge=0)] | None = None
    fresh_hours: Annotated[int, Field(ge=1, le=24 * 366)] | None = None
    off: OffBlock | None = None

    @field_validator("confidence")
    @classmethod
    def _is_tabulated(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and value not in CONFIDENCES:
            raise ValueError(f"one of {', '.join(str(each) for each in CONFIDENCES)} is expected")
        return value

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The ways in which a bound is stated."""
        return tuple(ask for ask in _ASKS if getattr(self, ask) is not None)

    @property
    def is_torn(self) -> bool:
        """Whether it would rule out what it allows."""
        return self.at_worst is not None and self.worse_by is not None and self.at_worst < self.worse_by

    def over(self, other: "CriterionBlock") -> "CriterionBlock":
        """This one where it says something, the other where it does not."""
        return CriterionBlock(**{**other.model_dump(exclude_none=True), **self.model_dump(exclude_none=True)})

    def criterion(self, metric: str, pooled: tuple[str, ...] = ()) -> Criterion:
        """The same as gates take it.

        Args:
            metric: a key of `METRICS`, whose way of asking is stated.
            pooled: markets whose evidence counts too.
        """
        bound: Decimal = getattr(self, METRICS[metric].ask)
        return Criterion(
            metric=metric,
            bound=bound,
            sample=1 if self.sample is None else self.sample,
            confidence=self.confidence,
            at_worst=self.at_worst,
            here=self.here or 0,
            pooled=pooled if METRICS[metric].kind == "share" and self.confidence is not None else (),
            fresh=timedelta(hours=self.fresh_hours or 48),
            off=None if self.off is None else self.off.exemption,
        )


class RuleBlock(_Part):
    """What is done about a kind of signal; of an override only what is other than ours.

    Attributes:
        does: `roll_back` gives the hand-off back at once, `hold` stops it until a person has looked, `alarm` tells
            people.
        above: it trips where more than this is measured.
        sample: of fewer that were looked at it says nothing.
        off: it does not trip.
    """

    does: Deed | None = None
    above: Bound | None = None
    sample: Annotated[int, Field(ge=0)] | None = None
    off: OffBlock | None = None

    def over(self, other: "RuleBlock") -> "RuleBlock":
        """This one where it says something, the other where it does not."""
        return RuleBlock(**{**other.model_dump(exclude_none=True), **self.model_dump(exclude_none=True)})

    def rule(self, kind: str) -> RollbackRule:
        """The same as the guard takes it."""
        off = None if self.off is None else self.off.exemption
        return RollbackRule(kind, self.does or "alarm", self.above or Decimal(0), self.sample or 0, off)


Gates = Mapping[Handoff, Mapping[LeftStage, Mapping[str, CriterionBlock]]]
Rules = Mapping[str, RuleBlock]


SettleDays = Annotated[int, Field(ge=1, le=400)]
"""Days within which a legacy system answers."""


class GateFile(_Part):
    """One of our files: the gates of one hand-off.

    Attributes:
        settle_days: within which legacy usually acts on a work; one that is younger waits, and is missed by nobody.
    """

    handoff: Handoff
    settle_days: SettleDays
    gates: Mapping[LeftStage, Mapping[str, CriterionBlock]]
