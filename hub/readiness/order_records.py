"""What systems know around orders that are to be made ready: where, for whom, which jobs, and who is there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from canonical_model.customers import Customer
from canonical_model.field_work import CompletionTask, WorkOrder, WorkOrderVisit
from canonical_model.orders import OrderState, ProductOrder, ProductOrderItem
from canonical_model.places import Premise
from provisioning.unavailability import Unavailability
from storage.current_records import records_among

OPEN_STATES: tuple[OrderState, ...] = ("pending", "inProgress")
"""States of an order that is to be fulfilled now. One that is ``acknowledged`` may still be a quote."""

DEAD_STATES: tuple[OrderState, ...] = ("cancelled", "rejected", "failed")
_JOB_IS_OVER = ("completed", "cannot_complete", "cancelled")


@dataclass(frozen=True, slots=True)
class OrderRecords:
    """What is known around an order.

    Attributes:
        service_id: of the service that the order brings, as findings name it: the account's number, or where the
            account has had or ordered another one before, that number and the order's.
        hindrances: reasons that lie in other orders: the same was ordered before, somebody else is still there.
        jobs: open jobs that install it, the first that was made first.
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


def open_orders(connection: Connection, market: str) -> list[ProductOrder]:
    """Every order of a new service that is to be fulfilled, the first that was placed first."""
    found = records_among(connection, ProductOrder, market, "state", OPEN_STATES, order_type=["new"])
    return sorted(found, key=_placed)


def order_records(connection: Connection, market: str, orders: Sequence[ProductOrder]) -> dict[str, OrderRecords]:
    """What is known around orders, by their numbers."""
    places = {each.premise_id for each in orders if each.premise_id is not None}
    accounts = {each.account_number for each in orders}
    at_premise = records_among(connection, ProductOrder, market, "premise_id", places)
    near = accounts | {each.account_number for each in at_premise}
    of_accounts = records_among(connection, ProductOrder, market, "account_number", near)
    premises = {each.source_id: each for each in records_among(connection, Premise, market, "source_id", places)}
    customers = _with_phone(records_among(connection, Customer, market, "account_number", accounts))
    numbers = {each.order_number for each in (*at_premise, *orders)}
    jobs = records_among(connection, WorkOrder, market, "order_number", numbers)
    past = _past(connection, market, jobs)
    items: defaultdict[str, list[ProductOrderItem]] = defaultdict(list)
    for item in records_among(
        connection, ProductOrderItem, market, "order_number", {each.order_number for each in orders}
    ):
        items[item.order_number].append(item)
    return {
        order.order_number: OrderRecords(
            order=order,
            service_id=_service(order, of_accounts),
            premise=premises.get(order.premise_id or ""),
            customer=customers.get(order.account_number),
            hindrances=(*_duplicates(order, at_premise), *_occupants(order, at_premise, of_accounts)),
            jobs=_installing(order, jobs),
            past_jobs=_earlier(order, at_premise, jobs, past.visits),
            inside_wiring=_wiring(order, at_premise, jobs, past.codes),
            items=tuple(items[order.order_number]),
        )
        for order in orders
    }


def _placed(order: ProductOrder) -> tuple[bool, object, str]:
    return (order.ordered_at is None, order.ordered_at or "", order.order_number)


def _service(order: ProductOrder, of_accounts: Iterable[ProductOrder]) -> str:
    before = any(
        each.account_number == order.account_number
        and each.order_type == "new"
        and each.state in (*OPEN_STATES, "completed")
        and _placed(each) < _placed(order)
        for each in of_accounts
    )
    return f"{order.account_number}/{order.order_number}" if before else order.account_number


def _duplicates(order: ProductOrder, at_premise: Iterable[ProductOrder]) -> list[Unavailability]:
    """The same premise was to get a new service before, and still is."""
    earlier = [
        each
        for each in at_premise
        if each.premise_id == order.premise_id
        and each.order_type == "new"
        and each.state in OPEN_STATES
        and _placed(each) < _placed(order)
    ]
    return [Unavailability("duplicateOrder", f"order {each.order_number}") for each in earlier[:1]]


def _occupants(
    order: ProductOrder, at_premise: Iterable[ProductOrder], of_accounts: Iterable[ProductOrder]
) -> list[Unavailability]:
    """Another account had a service delivered here, and has neither ceased it nor moved since."""
    others = {
        each.account_number
        for each in at_premise
        if each.premise_id == order.premise_id and each.account_number != order.account_number
    }
    last: dict[str, ProductOrder] = {}
    for each in of_accounts:
        if each.account_number in others and each.state == "completed" and each.order_type != "change":
            known = last.get(each.account_number)
            if known is None or _completed(each) > _completed(known):
                last[each.account_number] = each
    there = sorted(
        account
        for account, each in last.items()
        if each.order_type in ("new", "move") and each.premise_id == order.premise_id
    )
    return [Unavailability("lineOccupied", f"account {account}") for account in there]


def _completed(order: ProductOrder) -> float:
    moment = order.completed_at or order.ordered_at
    return 0.0 if moment is None else moment.timestamp()


def _installing(order: ProductOrder, jobs: Iterable[WorkOrder]) -> tuple[WorkOrder, ...]:
    found = [
        each
        for each in jobs
        if each.order_number == order.order_number and each.work_type == "install" and each.state not in _JOB_IS_OVER
    ]
    return tuple(sorted(found, key=lambda each: (each.created_at is None, each.created_at or "", each.work_order_id)))


@dataclass(frozen=True, slots=True)
class _Past:
    visits: Mapping[str, tuple[WorkOrderVisit, ...]]
    codes: Mapping[str, tuple[str, ...]]


def _past(connection: Connection, market: str, jobs: Collection[WorkOrder]) -> _Past:
    ids = {each.work_order_id for each in jobs}
    visits: defaultdict[str, list[WorkOrderVisit]] = defaultdict(list)
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for visit in records_among(connection, WorkOrderVisit, market, "work_order_id", ids):
        visits[visit.work_order_id].append(visit)
    for task in records_among(connection, CompletionTask, market, "work_order_id", ids):
        codes[task.work_order_id].append(task.code)
    return _Past(
        {job: tuple(each) for job, each in visits.items()}, {job: tuple(each) for job, each in codes.items()}
    )


def _earlier(
    order: ProductOrder,
    at_premise: Iterable[ProductOrder],
    jobs: Iterable[WorkOrder],
    visits: Mapping[str, tuple[WorkOrderVisit, ...]],
) -> tuple[tuple[WorkOrder, tuple[WorkOrderVisit, ...]], ...]:
    here = _numbers_at(order, at_premise)
    return tuple((job, visits.get(job.work_order_id, ())) for job in jobs if job.order_number in here)


def _wiring(
    order: ProductOrder,
    at_premise: Iterable[ProductOrder],
    jobs: Iterable[WorkOrder],
    codes: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    here = _numbers_at(order, at_premise)
    return tuple(code for job in jobs if job.order_number in here for code in codes.get(job.work_order_id, ()))


def _numbers_at(order: ProductOrder, at_premise: Iterable[ProductOrder]) -> set[str]:
    return {order.order_number} | {each.order_number for each in at_premise if each.premise_id == order.premise_id}


def _with_phone(customers: Iterable[Customer]) -> dict[str, Customer]:
    """By account, the record that tells a telephone number where one does."""
    found: dict[str, Customer] = {}
    for each in customers:
        known = found.get(each.account_number)
        if known is None or (known.phone is None and each.phone is not None):
            found[each.account_number] = each
    return found
