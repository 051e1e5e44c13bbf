"""What became of orders, as all systems tell it: jobs, the device that was left, what network and billing show.

The records come from the database or from a snapshot; nothing here knows which.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from canonical_model.billing import Subscription
from canonical_model.customers import BillingAccount
from canonical_model.field_work import (
    CompletionMaterial,
    CompletionPhoto,
    CompletionTest,
    FieldCompletion,
    WorkOrder,
    WorkOrderVisit,
)
from canonical_model.markets import Market
from canonical_model.network import NetworkObservation
from canonical_model.orders import PriceAlteration, ProductOrder, ProductOrderItem
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.record import Record
from canonical_model.stock import StockMovement
from hub.readiness.order_records import KnownRecords, by_key, made
from hub.takeover.legacy_installs import PlaceInPlant
from provisioning.equipment import TERMINAL_KINDS
from provisioning.plant_room import place_of

AnyRecord = TypeVar("AnyRecord", bound=Record)

GOES_ON = ("change", "move")
"""Types of orders of a service that was there before and is there afterwards."""


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """What became of an order.

    Attributes:
        service_orders: other completed orders of its account that came later, or were done later, the oldest first.
        jobs: that do what it asks for, called off ones left out, the first that was made first.
        visits: to them, in order.
        completion: the first report that one of them is done, its materials and its tests; None where none is.
        serial: of the device at the end of the line: the one that was left, or else the one that was expected; of a
            service that went on, the one that was left there last.
        model: of it, where the store room knows it.
        device: as its element showed it last; None where none shows it.
        premise: where it is.
        alterations: what was agreed with the account besides the price list.
        subscriptions: of the account.
        items: that stand on the order.
        place: where in the plant the device is, as its element shows it.
    """

    order: ProductOrder
    service_orders: tuple[ProductOrder, ...] = ()
    jobs: tuple[WorkOrder, ...] = ()
    visits: tuple[WorkOrderVisit, ...] = ()
    completion: FieldCompletion | None = None
    materials: tuple[CompletionMaterial, ...] = ()
    tests: tuple[CompletionTest, ...] = ()
    photos: tuple[CompletionPhoto, ...] = ()
    account: tuple[BillingAccount, ...] = ()
    completed_jobs: int = 0
    serial: str | None = None
    model: str | None = None
    device: NetworkObservation | None = None
    premise: Premise | None = None
    alterations: tuple[PriceAlteration, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    items: tuple[ProductOrderItem, ...] = ()
    place: PlaceInPlant | None = None

    @property
    def work(self) -> str:
        """What names it in shadow and in the paths of a take-over."""
        return work_of(self.order.order_number)

    @property
    def counts_from(self) -> datetime | None:
        """When the field was done with it, or the service ended."""
        return self.order.completed_at if self.completion is None else self.completion.completed_at

    @property
    def is_changed_since(self) -> bool:
        """Whether the account ordered anything else since: what is seen now may come of that."""
        return bool(self.service_orders)


def work_of(order_number: str) -> str:
    """The work of an order."""
    return f"order/{order_number}"


def order_of(work: str) -> str:
    """The number of the order that a work is of."""
    return work.removeprefix("order/")


def order_histories(records: KnownRecords, market: Market, orders: Sequence[ProductOrder]) -> dict[str, OrderHistory]:
    """What became of orders, by their numbers.

    Args:
        records: of their market.
        market: theirs.
        orders: any number.
    """
    numbers, accounts = {each.order_number for each in orders}, {each.account_number for each in orders}
    of_account = _by(records, ProductOrder, "account_number", accounts)
    going_on = {each.account_number for each in orders if each.order_type in GOES_ON}
    earlier = {each.order_number for account in going_on for each in of_account.get(account, ())}
    jobs = _by(records, WorkOrder, "order_number", numbers | earlier)
    works = {job.work_order_id for those in jobs.values() for job in those}
    proofs = _Proofs(
        market,
        _by(records, WorkOrderVisit, "work_order_id", works),
        _by(records, FieldCompletion, "work_order_id", works),
        _by(records, CompletionMaterial, "work_order_id", works),
        _by(records, CompletionTest, "work_order_id", works),
        _by(records, CompletionPhoto, "work_order_id", works),
    )
    done = {order.order_number: proofs.of(order, jobs.get(order.order_number, ())) for order in orders}
    for order in (each for each in orders if each.order_type in GOES_ON):
        known = (job for each in of_account[order.account_number] for job in jobs.get(each.order_number, ()))
        done[order.order_number] = replace(done[order.order_number], serial=proofs.left_last(known))
    serials = {each.serial for each in done.values() if each.serial is not None}
    devices = _by(records, NetworkObservation, "serial", serials)
    stock = _by(records, StockMovement, "serial", serials)
    last_seen = {serial: _last_seen(seen) for serial, seen in devices.items()}
    elements = {each.element for each in last_seen.values() if each is not None}
    plant = _Plant(records.among(AccessTerminal, "element", elements))
    subscriptions = _by(records, Subscription, "account_number", accounts)
    premises = {each.premise_id for each in orders if each.premise_id is not None}
    known_premises = _by(records, Premise, "source_id", premises)
    alterations = _by(records, PriceAlteration, "account_number", accounts)
    items = _by(records, ProductOrderItem, "order_number", numbers)
    known_accounts = _by(records, BillingAccount, "account_number", accounts)
    return {
        order.order_number: OrderHistory(
            order=order,
            service_orders=_since(order, of_account.get(order.account_number, ())),
            jobs=found.jobs,
            visits=found.visits,
            completion=found.completion,
            materials=found.materials,
            tests=found.tests,
            photos=found.photos,
            account=tuple(known_accounts.get(order.account_number, ())),
            completed_jobs=found.completed_jobs,
            serial=found.serial,
            model=_model(stock.get(found.serial or "", ())),
            premise=next(iter(known_premises.get(order.premise_id or "", ())), None),
            alterations=tuple(alterations.get(order.account_number, ())),
            items=tuple(items.get(order.order_number, ())),
            device=last_seen.get(found.serial or ""),
            place=plant.place_of(last_seen.get(found.serial or "")),
            subscriptions=tuple(subscriptions.get(order.account_number, ())),
        )
        for order in orders
        for found in (done[order.order_number],)
    }


def _by(
    records: KnownRecords, entity: type[AnyRecord], column: str, values: Collection[str]
) -> dict[str, list[AnyRecord]]:
    key: Callable[[AnyRecord], str] = lambda each: getattr(each, column)  # noqa: E731
    return by_key(records.among(entity, column, values), key)


class _Plant:
    """Terminals by the port that feeds them."""

    def __init__(self, terminals: Iterable[AccessTerminal]) -> None:
        self._by_port: dict[tuple[str, str], AccessTerminal] = {}
        for each in terminals:
            self._by_port.setdefault((each.element, each.port), each)

    def place_of(self, device: NetworkObservation | None) -> PlaceInPlant | None:
        """Where a device is; None where nobody shows it on a port of the plant."""
        if device is None or device.port is None:
            return None
        ports = (device.port, device.port.rpartition("/")[0])
        near = [found for port in ports if (found := self._by_port.get((device.element, port))) is not None]
        return place_of(near, device.element, device.port)


@dataclass(frozen=True, slots=True)
class _Proofs:
    """What was done on jobs, by their ids."""

    market: Market
    visits: Mapping[str, Sequence[WorkOrderVisit]]
    completions: Mapping[str, Sequence[FieldCompletion]]
    materials: Mapping[str, Sequence[CompletionMaterial]]
    tests: Mapping[str, Sequence[CompletionTest]]
    photos: Mapping[str, Sequence[CompletionPhoto]]

    def of(self, order: ProductOrder, jobs: Iterable[WorkOrder]) -> OrderHistory:
        """What was done on the jobs of an order; the rest of its history is left out."""
        kind_of_job = order.order_type if order.order_type in GOES_ON else "install"
        own = [each for each in jobs if each.work_type == kind_of_job and each.state != "cancelled"]
        own.sort(key=made)
        reports = [each for job in own for each in self.completions.get(job.work_order_id, ())]
        first = min(reports, key=lambda each: each.completed_at, default=None)
        of_first = "" if first is None else first.work_order_id
        materials = tuple(self.materials.get(of_first, ()))
        kind = TERMINAL_KINDS[self.market.technology]
        left = next((each.serial for each in materials if each.kind == kind), None)
        expected = next((job.expected_serial for job in own if job.expected_serial), None)
        visits = (visit for job in own for visit in self.visits.get(job.work_order_id, ()))
        return OrderHistory(
            order=order,
            jobs=tuple(own),
            visits=tuple(sorted(visits, key=lambda each: (each.work_order_id, each.visit_number))),
            completion=first,
            materials=materials,
            tests=tuple(self.tests.get(of_first, ())),
            photos=tuple(self.photos.get(of_first, ())),
            completed_jobs=len({each.work_order_id for each in reports}),
            serial=left or expected,
        )

    def left_last(self, jobs: Iterable[WorkOrder]) -> str | None:
        """The serial of the terminal that was left last on any of some jobs."""
        kind = TERMINAL_KINDS[self.market.technology]
        left = [
            (done.completed_at, each.serial)
            for job in jobs
            for done in self.completions.get(job.work_order_id, ())
            for each in self.materials.get(job.work_order_id, ())
            if each.kind == kind and each.serial is not None
        ]
        return max(left)[1] if left else None


def _since(order: ProductOrder, of_account: Iterable[ProductOrder]) -> tuple[ProductOrder, ...]:
    later = [each for each in of_account if each.state == "completed" and _is_later(each, order)]
    return tuple(sorted(later, key=_counts_from))


def _is_later(other: ProductOrder, order: ProductOrder) -> bool:
    """Whether another order came after one, or was done after it: what is seen now may come of that."""
    if other.order_number == order.order_number:
        return False
    if other.ordered_at is None or order.ordered_at is None or other.ordered_at >= order.ordered_at:
        return True
    done, own = other.completed_at, order.completed_at
    return done is not None and own is not None and done > own


def _counts_from(order: ProductOrder) -> tuple[bool, object, str]:
    moment: datetime | None = order.completed_at or order.ordered_at
    return (moment is None, moment or "", order.order_number)


def _model(movements: Iterable[StockMovement]) -> str | None:
    known = [each for each in movements if each.model is not None]
    return max(known, key=lambda each: each.moved_at).model if known else None


def _last_seen(seen: Sequence[NetworkObservation]) -> NetworkObservation | None:
    """Of two elements that show a device at one moment, the one that it is up on."""
    return max(seen, key=lambda each: (each.observed_at, each.operational_state == "up"), default=None)
