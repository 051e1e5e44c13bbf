"""What the records of the operator's systems say of a service, a few entries each; pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from canonical_model.billing import Adjustment, ChargeLine, Dispute, Payment, Subscription
from canonical_model.field_work import (
    CompletionMaterial,
    CompletionPhoto,
    CompletionTest,
    FieldCompletion,
    WorkOrder,
    WorkOrderVisit,
)
from canonical_model.money import Money
from canonical_model.network import AaaSession, NetworkEvent, NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from canonical_model.resources import ResourceReservation
from hub.service_history.entry import HistoryEntry

_Moments = Iterator[tuple[datetime | date | None, str, str]]
"""When, the kind of thing, and what happened."""


def entries_of(record: Record) -> list[HistoryEntry]:
    """What one record says; nothing where it tells no time."""
    say = _SAID.get(type(record))
    if say is None:
        return []
    found = [(at, what, said) for at, what, said in say(record) if at is not None]
    return [HistoryEntry(at, record.source_system, what, said, str(record.source)) for at, what, said in found]


def with_completions(record: Record, completed: Mapping[str, datetime]) -> list[HistoryEntry]:
    """As ``entries_of``, for records that tell no time of their own: they count at the completion of their job.

    Args:
        record: of a completed job.
        completed: when each job was completed, by its work order.
    """
    at = completed.get(getattr(record, "work_order_id", ""))
    match record:
        case CompletionMaterial():
            said = f"{record.kind} {record.serial} was installed"
        case CompletionTest():
            verdict = {True: "passed", False: "failed", None: "no verdict"}[record.passed]
            value = "" if record.value is None else f" {record.value:g} {record.unit or ''}".rstrip()
            said = f"{record.name}{value}: {verdict}"
        case CompletionPhoto():
            said = f"photograph of {record.subject}"
            at = record.taken_at or at
        case _:
            return entries_of(record)
    return (
        [] if at is None else [HistoryEntry(at, record.source_system, "proof of the job", said, str(record.source))]
    )


def _order(order: ProductOrder) -> _Moments:
    name = f"order {order.order_number} ({order.order_type})"
    offering = f" for {order.offering_id}" if order.offering_id else ""
    yield order.ordered_at, "order", f"{name}{offering} was taken"
    if order.effective_on is not None and order.order_type != "new":
        yield order.effective_on, "order", f"{name} counts from this day"
    yield order.completed_at, "order", f"{name} was completed"


def _reservation(kept: ResourceReservation) -> _Moments:
    name = f"{kept.kind} {kept.resource_id}"
    yield kept.reserved_on, "reservation", f"{name} was reserved for order {kept.order_number}"
    yield kept.released_on, "reservation", f"{name} was released"


def _work_order(job: WorkOrder) -> _Moments:
    serial = f", expects {job.expected_serial}" if job.expected_serial else ""
    yield job.created_at, "work order", f"{job.work_order_id} ({job.work_type}) was created{serial}"
    yield job.scheduled_for, "work order", f"{job.work_order_id} was scheduled for this time, now {job.state}"


def _visit(visit: WorkOrderVisit) -> _Moments:
    name = f"visit {visit.visit_number} of {visit.work_order_id}"
    cause = f": {visit.cause}" if visit.cause else ""
    yield visit.dispatched_at, "visit", f"{name}: the technician set out"
    yield visit.arrived_at, "visit", f"{name}: the technician arrived"
    yield visit.left_at, "visit", f"{name} ended: {visit.outcome.replace('_', ' ')}{cause}"


def _completion(done: FieldCompletion) -> _Moments:
    facts = [
        f"installed {done.installed_offering_id}" if done.installed_offering_id else "",
        f"by {done.technician}" if done.technician else "",
        f"at {done.latitude:.5f}, {done.longitude:.5f}" if done.latitude is not None and done.longitude else "",
        {True: "checklist complete", False: "checklist not complete", None: ""}[done.checklist_complete],
    ]
    told = ", ".join(fact for fact in facts if fact)
    yield done.completed_at, "completion", f"{done.work_order_id} was completed" + (f": {told}" if told else "")
    if done.received_at is not None and done.received_at > done.completed_at:
        yield done.received_at, "completion", f"the field system learnt of the completion of {done.work_order_id}"


def _observed(seen: NetworkObservation) -> _Moments:
    level = "" if seen.optical_dbm is None else f", {seen.optical_dbm:.2f} dBm ({seen.optical_side})"
    place = " ".join(filter(None, (seen.element, seen.port)))
    state = f"{seen.operational_state}, {seen.administrative_state}"
    profile = f", profile {seen.profile}" if seen.profile else ""
    yield seen.registered_since, "network", f"{seen.serial} has been registered on {place} since then"
    yield seen.profile_since, "network", f"{seen.serial} has had its profile since then"
    yield seen.observed_at, "network", f"{seen.serial} on {place}: {state}{profile}{level}"


def _network_event(event: NetworkEvent) -> _Moments:
    yield event.occurred_at, "network", f"{event.serial} on {event.element}: {event.kind.replace('_', ' ')}"


def _session(session: AaaSession) -> _Moments:
    yield session.started_at, "session", f"{session.username} logged in"
    cause = f" ({session.end_cause})" if session.end_cause else ""
    yield session.ended_at, "session", f"the session of {session.username} ended{cause}"


def _subscription(billed: Subscription) -> _Moments:
    name = f"subscription {billed.subscription_id} ({billed.billing_code})"
    yield billed.starts_on, "subscription", f"{name} is billed from this day, now {billed.state}"
    yield billed.ends_on, "subscription", f"{name} is not billed any more"


def _charge(line: ChargeLine) -> _Moments:
    amount = Money.from_minor(line.amount_minor, line.currency)
    rate = Money.from_minor(line.rate_minor, line.currency)
    times = f" x {line.quantity}" if line.quantity != 1 else ""
    covers = f"{line.covers_from} to {line.covers_to} (exclusive)"
    yield line.billed_on, "charge", f"{line.billing_code}, {covers}: {amount}, at {rate} a month{times}"


def _payment(payment: Payment) -> _Moments:
    amount = Money.from_minor(payment.amount_minor, payment.currency)
    yield (
        payment.received_on,
        "payment",
        f"{amount} came in" + (f" for bill {payment.bill_id}" if payment.bill_id else ""),
    )


def _adjustment(posted: Adjustment) -> _Moments:
    amount = Money.from_minor(posted.amount_minor, posted.currency)
    yield posted.posted_on, "adjustment", f"adjustment of {amount}" + (f": {posted.reason}" if posted.reason else "")


def _dispute(dispute: Dispute) -> _Moments:
    bill = f" bill {dispute.bill_id}" if dispute.bill_id else ""
    yield (
        dispute.opened_at,
        "dispute",
        f"the customer contests{bill}" + (f": {dispute.reason}" if dispute.reason else ""),
    )
    yield dispute.closed_at, "dispute", f"the dispute of{bill or ' the account'} is over"


_SAID: dict[type[Record], Callable[[Any], _Moments]] = {
    ProductOrder: _order,
    ResourceReservation: _reservation,
    WorkOrder: _work_order,
    WorkOrderVisit: _visit,
    FieldCompletion: _completion,
    NetworkObservation: _observed,
    NetworkEvent: _network_event,
    AaaSession: _session,
    Subscription: _subscription,
    ChargeLine: _charge,
    Payment: _payment,
    Adjustment: _adjustment,
    Dispute: _dispute,
}
"""What each entity says of a service; an entity that is not here tells nothing that happened to one."""
