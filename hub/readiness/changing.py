"""Do what an order wants of a service that is there: another tier, or its end.

It is begun once its day has come and its job is done. What the hub has not brought to life is left to the system
that has.
"""

from dataclasses import replace
from datetime import datetime
from typing import get_args

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.orders import OrderType
from handoffs.stages import Authority
from hub.readiness.outcome import Readiness, held
from hub.readiness.service_orders import ServiceOrder
from hub.readiness.standing import begun_before, not_led, stands_already
from hub.sagas.asking import cease_service, change_tier
from hub.sagas.known_services import known_service
from hub.sagas.wishes import Wish
from hub.takeover.authority import MayAct, history_of
from hub.workplace import Hub
from provisioning.saga import SagaKind
from provisioning.unavailability import Unavailability

CHANGES: tuple[OrderType, ...] = ("change", "cease")
"""Types of orders that need neither a new line nor a device."""
CARRIED_OUT_BY = frozenset(get_args(SagaKind)) - {"adopt"}


def done_as_ordered(
    hub: Hub, known: ServiceOrder, now: datetime, may_act: MayAct, *, again: bool = False
) -> Readiness:
    """Begin what an order wants of a service; stating the same wish again changes nothing.

    Args:
        hub: the operator's hub.
        known: the order, and what systems know around it.
        now: when this happens.
        may_act: who may act.
        again: a saga that was undone is tried again, as the next attempt.

    Raises:
        RetryableError: the database is out of reach.
    """
    order = known.order
    before = begun_before(hub, order, CARRIED_OUT_BY)
    if (stands := stands_already(order, CHANGES, before, again=again)) is not None:
        return stands
    authority = may_act(order.market, "order_to_provisioning", f"order/{order.order_number}")
    if (stands := not_led(order, authority)) is not None:
        return stands
    service = service_meant(hub, known, authority)
    if isinstance(service, Readiness):
        return service
    return _waits(hub, known, now) or _asked(hub, known, service, now)


def service_meant(hub: Hub, known: ServiceOrder, authority: Authority) -> str | Readiness:
    """The service that an order is about; or how the order stands, where it is about none of the hub's.

    Args:
        hub: the operator's hub.
        known: the order, and what systems know around it.
        authority: by which the hub provisions it.
    """
    service = known.service_id
    if service is None:
        return _unknown(hub, known, authority)
    return held(known.order, service) if isinstance(service, Unavailability) else service


def _unknown(hub: Hub, known: ServiceOrder, authority: Authority) -> Readiness:
    """Of a service that another system has brought to life; a person is asked where that one is no more."""
    order = known.order
    if known.coming is not None:
        return Readiness(order.order_number, "awaits_job", said=f"order {known.coming} is to bring the service first")
    with hub.database.reading() as connection:
        stage = history_of(connection, hub, order.market, "order_to_provisioning")[-1].stage
    said = f"the hub has brought no service of account {order.account_number} to life that it could be about"
    if stage == "legacy_retired":
        return held(known.order, Unavailability("serviceUnknown", said))
    left = Authority("legacy", records_intent=False, reason=said, epoch=authority.epoch)
    return Readiness(order.order_number, "not_ours", said=said, authority=left)


def _waits(hub: Hub, known: ServiceOrder, now: datetime) -> Readiness | None:
    order = known.order
    if order.effective_on is not None and order.effective_on > hub.operator.markets[order.market].local_date(now):
        return Readiness(order.order_number, "awaits_day", said=f"it counts from {order.effective_on}")
    job = known.awaited_job
    if order.order_type == "change" and job is not None:
        return Readiness(order.order_number, "awaits_job", said=f"job {job.work_order_id} is {job.state}")
    return None


def _hindrance(hub: Hub, known: ServiceOrder, service: str) -> Unavailability | None:
    """What a person has to see to before; only a change can have any."""
    order, job = known.order, known.last_job
    if order.order_type != "change":
        return None
    if job is not None and job.state == "cannot_complete":
        return Unavailability("jobNotDone", f"job {job.work_order_id}")
    if order.offering_id is None:
        return Unavailability("unmappedOffering", "the order names no tier")
    installed = None if job is None else known.installed_by(job)
    if job is not None and installed not in (None, order.offering_id):
        said = f"job {job.work_order_id} reports {installed}, the order wants {order.offering_id}"
        return Unavailability("installedOther", said)
    try:
        stands = known_service(hub, service).facts
    except ConfigurationError as error:
        return Unavailability("serviceNotReady", str(error))
    has_it = stands.profile.offering_id == order.offering_id
    return Unavailability("nothingToChange", order.offering_id) if has_it else None


def _asked(hub: Hub, known: ServiceOrder, service: str, now: datetime) -> Readiness:
    order, number = known.order, known.order.order_number
    if (reason := _hindrance(hub, known, service)) is not None:
        return held(order, reason)
    wish = Wish(reason=f"order {number}", order_number=number, effective_on=order.effective_on)
    try:
        if order.order_type == "cease":
            collects = known.collecting_job
            wish = replace(wish, collected_by=None if collects is None else collects.work_order_id)
            saga = cease_service(hub, service, now, wish)
        else:
            job = known.last_job
            wish = replace(wish, work_order_id=None if job is None or job.state == "completed" else job.work_order_id)
            saga = change_tier(hub, service, str(order.offering_id), now, wish)
    except UnsafeToContinue as error:
        return held(order, Unavailability("serviceUnderWay", str(error)))
    except ConfigurationError as error:
        return held(order, Unavailability("serviceNotReady", str(error)))
    return Readiness(number, "begun", said=f"saga {saga.key}", saga=saga)
