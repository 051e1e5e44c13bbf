"""The technician's job: made once for an order and attempt, told what it lacks, and never twice on the road."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical_model.errors import UnsafeToContinue
from canonical_model.field_work import WorkOrder
from handoffs.commands import Command, FieldValue
from hub.effects.enqueue import enqueue
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from provisioning.unavailability import Unavailability
from provisioning.work_order_context import WorkOrderContext, as_text, service_line
from storage.effects import Effect, effect_with_key
from storage.work_paths import begin_with_hub

LONGEST_NOTE = 4000
"""Characters that are told; what a technician needs most stands first."""

_STUCK = ("refused", "parked", "discarded")
_NOT_ON_THE_ROAD = ("new", "scheduled")


@dataclass(frozen=True, slots=True)
class Job:
    """How an order's job stands in field service.

    Attributes:
        work_order_id: there; None while field service has not shown it.
        reason: why it cannot be had, where a person has to look.
        said: how it stands.
    """

    work_order_id: str | None = None
    reason: Unavailability | None = None
    said: str = ""


def job_key(order_number: str, attempt: int, command: str = "create_work_order", of: str = "install") -> str:
    """The idempotency key of a job's command: one for each order, kind of work and attempt."""
    return f"SO-{order_number}/{command}/{of}/{attempt}"


def stuck_job(hub: Hub, order_number: str, attempt: int) -> Unavailability | None:
    """Why field service has not taken the job of an order, where a person has to look.

    Raises:
        RetryableError: the database is out of reach.
    """
    effect = _journaled(hub, job_key(order_number, attempt))
    return None if effect is None else _stuck(effect)


def tell_job(
    hub: Hub,
    market: str,
    context: WorkOrderContext,
    jobs: Sequence[WorkOrder],
    attempt: int,
    now: datetime,
    may: MayAct,
) -> Job:
    """Make the job of an order, or tell the one that field service has; stating it again changes nothing.

    Args:
        hub: the operator's hub.
        market: of the order.
        context: what the technician has to know.
        jobs: open jobs that install the order, the first that was made first.
        attempt: of the order.
        now: when this happens.
        may: who may act.

    Raises:
        UnsafeToContinue: the hub may not act.
        ConfigurationError: no system takes such a command.
        RetryableError: the database is out of reach.
    """
    created = _journaled(hub, job_key(context.order_number, attempt))
    if created is not None or not jobs:
        effect = created or _said_once(hub, job_command(market, context, attempt), now, may)
        if (reason := _stuck(effect)) is not None:
            return Job(reason=reason)
        said = f"create_work_order in {effect.system} is {effect.state}"
        if effect.state != "done":
            return Job(said=said)
        known = effect.reference or next((job.work_order_id for job in jobs), None)
        send_home(hub, market, context.order_number, [job for job in jobs if job.work_order_id != known], now, may)
        if known is not None and _says_other(effect, context):
            changed = _said_once(hub, _update(market, context, known, attempt), now, may)
            if (reason := _stuck(changed)) is not None:
                return Job(reason=reason)
        return Job(work_order_id=known, said=said)
    first, *others = jobs
    effect = _said_once(hub, _update(market, context, first.work_order_id, attempt), now, may)
    send_home(hub, market, context.order_number, others, now, may)
    if (reason := _stuck(effect)) is not None:
        return Job(reason=reason)
    return Job(work_order_id=first.work_order_id, said=f"update_work_order in {effect.system} is {effect.state}")


def begin_package(hub: Hub, market: str, order_number: str, now: datetime, may: MayAct) -> None:
    """Write down that the hub leads an order to the field: port, device and tests go with the job that it has told.

    Nothing is written where another tells the technicians what they need.

    Raises:
        UnsafeToContinue: the hand-off was moved at this very moment.
        RetryableError: the database is out of reach.
    """
    work = f"order/{order_number}"
    authority = may(market, "dispatch_to_field", work)
    if authority.actor == "hub" and not authority.is_begun:
        with hub.database.journaling() as connection:
            begin_with_hub(connection, market, "dispatch_to_field", work, authority, now)


def job_command(market: str, context: WorkOrderContext, attempt: int) -> Command:
    """The command that makes the job of an order."""
    fields: dict[str, FieldValue] = {
        "order_number": context.order_number,
        "work_type": context.work_type,
        "scheduled_for": context.scheduled_for,
        "expected_serial": context.serial,
        "address": context.address,
        "note": as_text(context)[:LONGEST_NOTE],
    }
    return Command(
        name="create_work_order",
        market=market,
        handoff="provisioning_to_dispatch",
        subject=f"order/{context.order_number}",
        fields=fields,
        idempotency_key=job_key(context.order_number, attempt),
    )


def _says_other(told: Effect, context: WorkOrderContext) -> bool:
    """Whether a job was told of another service or another device than it is for by now."""
    note = str(told.fields.get("note") or "")
    return told.fields.get("expected_serial") != context.serial or not note.startswith(service_line(context))


def _update(market: str, context: WorkOrderContext, work_order_id: str, attempt: int) -> Command:
    told = f"{work_order_id}/{context.offering_id}/{context.serial}"
    return Command(
        name="update_work_order",
        market=market,
        handoff="provisioning_to_dispatch",
        subject=f"order/{context.order_number}",
        fields={
            "work_order_id": work_order_id,
            "scheduled_for": context.scheduled_for,
            "expected_serial": context.serial,
            "note": as_text(context)[:LONGEST_NOTE],
        },
        idempotency_key=job_key(context.order_number, attempt, "update_work_order", told),
    )


def send_home(
    hub: Hub,
    market: str,
    order_number: str,
    jobs: Sequence[WorkOrder],
    now: datetime,
    may: MayAct,
    why: str = "another job does the same work for this order",
    unshown: Sequence[str] = (),
) -> None:
    """Call off jobs that nobody has set out for.

    Args:
        hub: the operator's hub.
        market: of the order.
        order_number: of the order.
        jobs: as field service shows them; those on the road stay.
        now: when this happens.
        may: who may act.
        why: the reason, for the technician.
        unshown: ids of jobs that were made just now, and that nobody has read yet.

    Raises:
        UnsafeToContinue: the hub may not act.
        ConfigurationError: no system takes such a command.
        RetryableError: the database is out of reach.
    """
    for work_order_id in (*(job.work_order_id for job in jobs if job.state in _NOT_ON_THE_ROAD), *unshown):
        command = Command(
            name="close_work_order",
            market=market,
            handoff="provisioning_to_dispatch",
            subject=f"order/{order_number}",
            fields={
                "work_order_id": work_order_id,
                "outcome": "cancelled",
                "note": why,
            },
            idempotency_key=job_key(order_number, 1, "close_work_order", work_order_id),
        )
        _said_once(hub, command, now, may)


def _said_once(hub: Hub, command: Command, now: datetime, may: MayAct) -> Effect:
    """What stands in the journal for a command; what the network showed then is what was told, and stays."""
    known = _journaled(hub, command.idempotency_key)
    if known is not None:
        return known
    try:
        return enqueue(hub, command, now, may)
    except UnsafeToContinue:
        known = _journaled(hub, command.idempotency_key)
        if known is None:
            raise
        return known  # another process has told it meanwhile, a moment earlier and therefore in other words


def _journaled(hub: Hub, key: str) -> Effect | None:
    with hub.database.reading() as connection:
        return effect_with_key(connection, key)


def _stuck(effect: Effect) -> Unavailability | None:
    if effect.state not in _STUCK:
        return None
    return Unavailability("jobNotCreated", f"{effect.command} in {effect.system} is {effect.state}: {effect.reason}")
