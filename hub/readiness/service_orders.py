"""What systems know around orders about a service that is there: which service, which jobs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from canonical_model.field_work import FieldCompletion, WorkOrder
from canonical_model.orders import ProductOrder
from hub.readiness.order_records import JOB_IS_OVER, by_key, made
from hub.readiness.orders_around import OPEN_STATES
from provisioning.unavailability import Unavailability
from storage.current_records import records_among
from storage.line_use import services_brought


@dataclass(frozen=True, slots=True)
class ServiceOrder:
    """An order about a service, with what is known around it.

    Attributes:
        premises: by service of its account that the hub has begun, where it is; None where no order says so.
        ended: those of them that have ended.
        is_only_one: the account has no more than one service, or is to get no more.
        coming: the open order that is to bring the service, where the hub has not begun that.
        jobs: that were made for it, the first that was made first.
        completions: by job, what was reported of it.
    """

    order: ProductOrder
    premises: Mapping[str, str | None]
    ended: frozenset[str]
    is_only_one: bool
    coming: str | None
    jobs: tuple[WorkOrder, ...]
    completions: Mapping[str, FieldCompletion]

    @property
    def service_id(self) -> str | Unavailability | None:
        """Which service it is about: why that cannot be told, or None where it is none that the hub has begun."""
        where = self.order.premise_id
        names_it = where is not None and self.order.order_type != "move"  # a move names the place where it goes
        may_be = {where, None} if self.is_only_one else {where}
        there = [service for service, premise in self.premises.items() if premise in may_be or not names_it]
        meant = [service for service in there if service not in self.ended] or there[-1:]
        if len(meant) > 1 or (meant and not names_it and not self.is_only_one):
            said = f"account {self.order.account_number} has several"
            return Unavailability("serviceAmbiguous", said)
        return meant[0] if meant else None

    @property
    def awaited_job(self) -> WorkOrder | None:
        """The first job that has to be done before."""
        return next((each for each in self.jobs if not self._is_over(each)), None)

    @property
    def collecting_job(self) -> WorkOrder | None:
        """A job that collects the device, or has collected it."""
        lost = ("cancelled", "cannot_complete")
        collects = (each for each in self.jobs if each.work_type in ("disconnect", "recovery"))
        return next((each for each in collects if each.state not in lost), None)

    @property
    def last_job(self) -> WorkOrder | None:
        """The last one that was not called off."""
        return next((each for each in reversed(self.jobs) if each.state != "cancelled"), None)

    def installed_by(self, job: WorkOrder) -> str | None:
        """The offering that the technician says to have installed."""
        reported = self.completions.get(job.work_order_id)
        return None if reported is None else reported.installed_offering_id

    def _is_over(self, job: WorkOrder) -> bool:
        return job.state in JOB_IS_OVER or job.work_order_id in self.completions


def service_orders(connection: Connection, market: str, orders: Collection[ProductOrder]) -> dict[str, ServiceOrder]:
    """What is known around orders about services, by their numbers.

    Args:
        connection: of a transaction.
        market: of the orders.
        orders: that are looked at.
    """
    if not orders:
        return {}
    accounts = {each.account_number for each in orders}
    of_account = by_key(
        records_among(connection, ProductOrder, market, "account_number", accounts), lambda each: each.account_number
    )
    placed = {each.order_number: each for those in of_account.values() for each in those}
    found = records_among(connection, WorkOrder, market, "order_number", {each.order_number for each in orders})
    jobs = by_key(sorted(found, key=made), lambda each: each.order_number)
    reported = records_among(
        connection, FieldCompletion, market, "work_order_id", {each.work_order_id for each in found}
    )
    completions = {each.work_order_id: each for each in reported}
    brought = services_brought(connection, market, placed)
    return {
        order.order_number: ServiceOrder(
            order,
            {
                name: next((there for each in reversed(service.orders) if (there := placed[each].premise_id)), None)
                for name, service in brought.items()
                if placed[service.orders[0]].account_number == order.account_number
            },
            frozenset(name for name, service in brought.items() if service.is_ended),
            _services(of_account[order.account_number]) <= 1,
            _coming(order, of_account[order.account_number]),
            tuple(jobs.get(order.order_number, ())),
            completions,
        )
        for order in orders
    }


def _services(of_account: Sequence[ProductOrder]) -> int:
    """How many services an account has, or is to get."""
    begun = sum(each.order_type == "new" and each.state in (*OPEN_STATES, "completed") for each in of_account)
    return begun - sum(each.order_type == "cease" and each.state == "completed" for each in of_account)


def _coming(order: ProductOrder, of_account: Sequence[ProductOrder]) -> str | None:
    there = (each for each in of_account if each.order_type == "new" and each.state in OPEN_STATES)
    is_here = order.premise_id is None or order.order_type == "move"
    return next((each.order_number for each in there if is_here or each.premise_id == order.premise_id), None)
