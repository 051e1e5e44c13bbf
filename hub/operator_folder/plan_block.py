"""How ``handoffs.yaml`` says through which cohorts a hand-off goes, and how far."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from canonical_model.network import Technology
from canonical_model.orders import OrderType
from canonical_model.record import ShortText
from handoffs.cohort import SHARES, Cohort
from handoffs.plan import Plan
from handoffs.stages import TakeoverStage


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CohortBlock(_Part):
    """The part of a market's work that a canary takes over; without limits it is everything.

    Attributes:
        towns: only these.
        technologies: only these.
        order_types: only these.
        percent: of what is left.
    """

    towns: tuple[ShortText, ...] = ()
    technologies: tuple[Technology, ...] = ()
    order_types: tuple[OrderType, ...] = ()
    percent: Annotated[float, Field(gt=0, le=100)] = 100

    def cohort(self) -> Cohort:
        """The same as the take-over knows it."""
        return Cohort(
            frozenset(self.towns),
            frozenset(self.technologies),
            frozenset(self.order_types),
            round(self.percent * SHARES / 100),
        )


class PlanBlock(_Part):
    """The way of one hand-off.

    Attributes:
        canary: its cohorts, each wider than the one before it.
        until: the last stage that is wanted.
    """

    canary: tuple[CohortBlock, ...] = ()
    until: TakeoverStage = "active"

    def plan(self) -> Plan:
        """The same as the take-over knows it."""
        return Plan(tuple(each.cohort() for each in self.canary), self.until)
