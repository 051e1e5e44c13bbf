"""What systems know around orders that are to be made ready: where, for whom, which jobs, and who is there.

The same is asked of the database for orders that stand now, and of a snapshot for orders of the past. What came of
those since is put aside: they are looked at as they stood when they were placed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from canonical_model.customers import Customer
from canonical_model.field_work import CompletionTask, WorkOrder, WorkOrderVisit
from canonical_model.orders import OrderType, ProductOrder, ProductOrderItem
from canonical_model.places import Premise
from canonical_model.record import Record
from hub.readiness.orders_around import (
    DEAD_STATES,
    OPEN_STATES,
    duplicates,
    occupants,
    order_as_of,
    placed,
    service_of,
)
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import JOB_OF
from storage.current_records import records_among

__all__ = [
    "DEAD_STATES",
    "JOB_IS_OVER",
    "OPEN_STATES",
    "KnownRecords",
    "OrderRecords",
    "open_orders",
    "order_records",
]

JOB_IS_OVER = ("completed", "cannot_complete", "cancelled")
_NEW: tuple[OrderType, ...] = ("new",)

AnyRecord = TypeVar("AnyRecord", bound=Record)


class KnownRecords(Protocol):
    """The records of one market: those of the database, or those of a snapshot."""

    def among(
        self, entity: type[AnyRecord], column: str, values: Collection[str], **wanted: Collection[str]
    ) -> list[AnyRecord]:
        """Records of an entity whose column has one of some values, and each of ``wanted`` one of its own."""


@dataclass(frozen=True, slots=True)
class OrderRecords:
    """What is known around an order.

    Attributes:
        service_id: of the service that the order brings, as findings name it: the account's number, or where the
            account has had or ordered another one before, that number and the order's.
        hindrances: reasons that lie in other orders: the same was ordered before, somebody else is still there.
        jobs: open jobs that bring its line to life, the first that was made first.
        past_jobs: other jobs at the premise, each with its visits.
        inside_wiring: codes of tasks that were done on them.
        items: what stands on it.
    """

    order: ProductOrder
    service_id: str
    premise: Premise | None
    customer: Customer | None
    hindrances: tuple[Unavailability, ...]
    jobs: tuple[WorkOrder, ...]
    past_jobs: tuple[tuple[WorkOrder, tuple[WorkOrderVisit, ...]], ...]
    inside_wiring: tuple[str, ...]
    items: tuple[ProductOrderItem, ...] = ()

    @property
    def expected_serial(self) -> str | None:
        """Of the device that field service has named for it."""
        return next((job.expected_serial for job in self.jobs if job.expected_serial), None)


def open_orders(connection: Connection, market: str, kinds: Collection[OrderType] = _NEW) -> list[ProductOrder]:
    """Every order of some types that is to be fulfilled, the first that was placed first."""
    found = records_among(connection, ProductOrder, market, "state", OPEN_STATES, order_type=kinds)
    return sorted(found, key=placed)


def order_records(
    records: KnownRecords, orders: Sequence[ProductOrder], then: Mapping[str, datetime] | None = None
) -> dict[str, OrderRecords]:
    """What is known around orders, by their numbers.

    Args:
        records: of their market.
        orders: that are looked at.
        then: by order, the moment as of which it is looked at: what came of any order since is put aside. Where an
            order has none, it is now.
    """
    places = {each.premise_id for each in orders if each.premise_id is not None}
    accounts = {each.account_number for each in orders}
    at_premise = by_key(records.among(ProductOrder, "premise_id", places), lambda each: each.premise_id or "")
    near = accounts | {each.account_number for those in at_premise.values() for each in those}
    of_account = by_key(records.among(ProductOrder, "account_number", near), lambda each: each.account_number)
    premises = {each.source_id: each for each in records.among(Premise, "source_id", places)}
    customers = _with_phone(records.among(Customer, "account_number", accounts))
    numbers = {each.order_number for those in at_premise.values() for each in those}
    numbers |= {each.order_number for each in orders}
    jobs = by_key(records.among(WorkOrder, "order_number", numbers), lambda each: each.order_number)
    past = _past(records, [job for those in jobs.values() for job in those])
    items = by_key(
        records.among(ProductOrderItem, "order_number", {each.order_number for each in orders}),
        lambda each: each.order_number,
    )
    found = {}
    for order in orders:
        moment = (then or {}).get(order.order_number)
        around = _Around(order, at_premise, of_account, jobs, past, moment)
        found[order.order_number] = OrderRecords(
            order=order if moment is None else order_as_of(order, moment),
            service_id=service_of(order, around.of(order.account_number)),
            premise=premises.get(order.premise_id or ""),
            customer=customers.get(order.account_number),
            hindrances=around.hindrances(),
            jobs=around.installing(),
            past_jobs=around.earlier(),
            inside_wiring=around.wiring(),
            items=tuple(items.get(order.order_number, ())),
        )
    return found


def made(job: WorkOrder) -> tuple[bool, object, str]:
    """Sorts jobs by when they were made, those of an unknown moment last."""
    return (job.created_at is None, job.created_at or "", job.work_order_id)


def by_key(records: Iterable[AnyRecord], key: Callable[[AnyRecord], str]) -> dict[str, list[AnyRecord]]:
    """Records by what they have in common, in their order."""
    found: defaultdict[str, list[AnyRecord]] = defaultdict(list)
    for each in records:
        found[key(each)].append(each)
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Past:
    visits: Mapping[str, list[WorkOrderVisit]]
    codes: Mapping[str, list[CompletionTask]]


@dataclass(frozen=True, slots=True)
class _Around:
    """Everything around one order, as of a moment where one is told."""

    order: ProductOrder
    at_premise: Mapping[str, Sequence[ProductOrder]]
    of_account: Mapping[str, Sequence[ProductOrder]]
    jobs: Mapping[str, Sequence[WorkOrder]]
    past: _Past
    moment: datetime | None

    def of(self, account: str) -> list[ProductOrder]:
        """The orders of an account."""
        return self._then(self.of_account.get(account, ()))

    def hindrances(self) -> tuple[Unavailability, ...]:
        here = self._here()
        return (*duplicates(self.order, here), *occupants(self.order, here, self.of))

    def installing(self) -> tuple[WorkOrder, ...]:
        """Open jobs that bring its line to life; of an order of the past, those that were not called off."""
        over = JOB_IS_OVER if self.moment is None else ("cancelled",)
        found = [
            each
            for each in self.jobs.get(self.order.order_number, ())
            if each.work_type == JOB_OF[self.order.order_type] and each.state not in over
        ]
        return tuple(sorted(found, key=made))

    def earlier(self) -> tuple[tuple[WorkOrder, tuple[WorkOrderVisit, ...]], ...]:
        return tuple((job, self._visits(job)) for job in self._jobs_here())

    def wiring(self) -> tuple[str, ...]:
        return tuple(task.code for job in self._jobs_here() for task in self.past.codes.get(job.work_order_id, ()))

    def _here(self) -> list[ProductOrder]:
        return self._then(self.at_premise.get(self.order.premise_id or "", ()))

    def _jobs_here(self) -> list[WorkOrder]:
        """Jobs at the premise; of an order of the past not its own, which nobody had done then."""
        numbers = dict.fromkeys(each.order_number for each in self._here())
        if self.moment is None:
            numbers[self.order.order_number] = None
        else:
            numbers.pop(self.order.order_number, None)
        return [job for number in numbers for job in self.jobs.get(number, ())]

    def _visits(self, job: WorkOrder) -> tuple[WorkOrderVisit, ...]:
        return tuple(self.past.visits.get(job.work_order_id, ()))

    def _then(self, orders: Iterable[ProductOrder]) -> list[ProductOrder]:
        if self.moment is None:
            return list(orders)
        known = (each for each in orders if each.ordered_at is None or each.ordered_at <= self.moment)
        return [order_as_of(each, self.moment) for each in known]


def _past(records: KnownRecords, jobs: Sequence[WorkOrder]) -> _Past:
    ids = {each.work_order_id for each in jobs}
    return _Past(
        by_key(records.among(WorkOrderVisit, "work_order_id", ids), lambda each: each.work_order_id),
        by_key(records.among(CompletionTask, "work_order_id", ids), lambda each: each.work_order_id),
    )


def _with_phone(customers: Iterable[Customer]) -> dict[str, Customer]:
    """By account, the record that tells a telephone number where one does."""
    found: dict[str, Customer] = {}
    for each in customers:
        known = found.get(each.account_number)
        if known is None or (known.phone is None and each.phone is not None):
            found[each.account_number] = each
    return found
