"""A line, a device or a login of one customer that carries the service of another."""

from collections import defaultdict
from collections.abc import Iterator

from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder
from canonical_model.network import AaaSession
from canonical_model.orders import ProductOrder
from handoffs.rollback import Signal
from hub.takeover.signals.acted import ActedSaga, order_of, work_of
from hub.takeover.signals.look import Look, signal


def find(look: Look) -> Iterator[Signal]:
    """Services of the hub that another customer's line, device, login or order stands for."""
    standing = {name: each for name, each in look.acted.services().items() if each.facts.standing != "ended"}
    found = dict(_shared(standing))
    found |= dict(_other_account(look))
    found |= dict(_device_of_another(look, standing))
    found |= dict(_session_of_another(look, standing))
    yield from signal(look, "wrong_customer", "order_to_provisioning", found)


def _name(each: ActedSaga) -> str:
    return work_of(each.saga.order_number) if each.saga.order_number else f"service/{each.saga.service_id}"


def _shared(standing: dict[str, ActedSaga]) -> Iterator[tuple[str, str]]:
    """Two customers with one place on a port, one device or one login."""
    held: dict[tuple[object, ...], list[ActedSaga]] = defaultdict(list)
    for each in standing.values():
        line = each.facts.line
        if each.facts.profile.technology != "fixed_wireless":  # many share the sector of a radio
            held["place", line.element, line.port, line.onu_id].append(each)
        held["login", line.username].append(each)
        if line.serial is not None:
            held["device", line.serial].append(each)
    for what, services in held.items():
        if len({each.facts.account_number for each in services}) > 1:
            last = max(services, key=lambda each: each.saga.changed_at)
            others = ", ".join(sorted(each.saga.service_id for each in services))
            yield (
                _name(last),
                f"{' '.join(str(part) for part in what if part is not None)} is that of services {others}",
            )


def _other_account(look: Look) -> Iterator[tuple[str, str]]:
    """What was done, or told, for another account than that of the order."""
    for each in look.acted.sagas:
        order = look.orders.get(each.saga.order_number or "")
        if order is not None and order.account_number != each.facts.account_number:
            yield _name(each), f"order {order.order_number} is of another account than what was provisioned"
    for effect in look.acted.effects:
        number, account = order_of(effect), effect.fields.get("account_number")
        order = look.orders.get(number or "")
        if order is not None and account is not None and order.account_number != account:
            yield work_of(order.order_number), f"{effect.command} of order {number} was told of another account"


def _device_of_another(look: Look, standing: dict[str, ActedSaga]) -> Iterator[tuple[str, str]]:
    """A device that was left at another customer's since, and still carries a service of the hub."""
    by_serial = {serial: each for each in standing.values() if (serial := each.facts.line.serial) is not None}
    left = look.among(CompletionMaterial, "serial", set(by_serial))
    jobs = {
        each.work_order_id: each for each in look.among(WorkOrder, "work_order_id", {m.work_order_id for m in left})
    }
    done = {each.work_order_id: each for each in look.among(FieldCompletion, "work_order_id", set(jobs))}
    numbers = {each.order_number for each in jobs.values()}
    orders = {each.order_number: each for each in look.among(ProductOrder, "order_number", numbers)}
    for material in left:
        ours, job, completion = (
            by_serial[material.serial],
            jobs.get(material.work_order_id),
            done.get(material.work_order_id),
        )
        order = None if job is None else orders.get(job.order_number)
        if order is None or completion is None or order.account_number == ours.facts.account_number:
            continue
        proven = ours.facts.completed_at or ours.facts.verified_at or ours.saga.began_at
        if completion.completed_at > proven:
            yield _name(ours), f"{material.serial} was left at the customer of order {order.order_number} since"


def _session_of_another(look: Look, standing: dict[str, ActedSaga]) -> Iterator[tuple[str, str]]:
    """A login whose session comes in where another service of the hub hangs, and not where its own does."""
    places = {(each.facts.line.element, each.facts.line.port): name for name, each in standing.items()}
    several = defaultdict(set)
    for name, each in standing.items():
        several[each.facts.line.element, each.facts.line.port].add(name)
    by_login = {each.facts.line.username: each for each in standing.values()}
    for session in look.among(AaaSession, "username", set(by_login)):
        ours, place = by_login[session.username], (session.element or "", session.port or "")
        began = session.started_at or session.updated_at
        proven = ours.facts.verified_at
        if place in places and ours.saga.service_id not in several[place] and proven is not None and began > proven:
            yield _name(ours), f"the session of {ours.facts.line.service_id} comes in on the port of {places[place]}"
