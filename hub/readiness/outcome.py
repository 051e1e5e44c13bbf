"""How an order stands on its way to a technician, and what a person adds to it."""

from dataclasses import dataclass
from typing import Literal

from canonical_model.orders import ProductOrder
from handoffs.stages import Authority
from provisioning.completeness import CannotDispatch
from provisioning.qualification import ServiceQualification
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import WorkOrderContext
from storage.sagas import Saga

ReadyState = Literal["begun", "awaits_job", "awaits_day", "held", "not_ours", "stopped", "closed"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """How an order stands.

    Attributes:
        state: its saga is begun; field service has not shown its job yet, or that it is done; the day has not come
            from which it counts; a person has to do something; another one provisions it; the line is stopped; the
            order is not open, or of a type that only a person begins.
        reasons: why, where it is held.
        said: the same in a sentence, or how it stands.
        missing: what a technician would lack, where that is why.
        context: what the technician is told.
        authority: by which another one provisions it.
    """

    order_number: str
    state: ReadyState
    reasons: tuple[Unavailability, ...] = ()
    said: str = ""
    missing: CannotDispatch | None = None
    qualification: ServiceQualification | None = None
    context: WorkOrderContext | None = None
    saga: Saga | None = None
    authority: Authority | None = None


def held(order: ProductOrder, reason: Unavailability) -> Readiness:
    """An order that waits for a person, for one reason."""
    return Readiness(order.order_number, "held", (reason,), said=reason.label)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person adds to an order.

    Attributes:
        consent: who agreed, where whoever owns the building has to; it is noted with the order.
        noted_by: who says so.
        again: a saga that was undone is tried again, as the next attempt.
    """

    consent: str | None = None
    noted_by: str = "hub"
    again: bool = False
