"""Who wants something done to a service, why, and what names the wish."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish; the same name is the same wish, whoever states it again.

    Attributes:
        actor: who wants it.
        reason: why, in a sentence.
        order_number: of the order that asks for it, where one does; it names the wish.
        name: what names it where no order does: the number of a reminder, the id of an event.
        work_order_id: of a job that goes with it.
        collected_by: of the job that collects the device of a service that ends, where there is one already.
        effective_on: the local day from which it counts for the customer; never later than today.
        subscription_id: of the billing system, where the hub cannot tell it.
    """

    actor: str = "hub"
    reason: str | None = None
    order_number: str | None = None
    name: str | None = None
    work_order_id: str | None = None
    collected_by: str | None = None
    effective_on: date | None = None
    subscription_id: str | None = None

    @property
    def named(self) -> str | None:
        """What names it."""
        return self.name or (None if self.order_number is None else f"SO-{self.order_number}")

    def by(self, actor: str) -> "Wish":
        """The same, wanted by somebody."""
        return replace(self, actor=actor)
