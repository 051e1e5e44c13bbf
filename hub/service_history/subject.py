"""Find out whose history is asked for, by any number that a person has at hand."""

from collections.abc import Callable, Collection, Iterator

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from canonical_model.field_work import CompletionMaterial, WorkOrder
from canonical_model.identifiers import parse_device_serial, parse_number
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from hub.service_history.entry import ServiceSubject
from provisioning.facts import SagaFacts
from storage.current_records import current_records
from storage.kept_for import devices_with
from storage.sagas import Saga, sagas
from storage.schema.canonical import CANONICAL_TABLES

_BY_ACCOUNT: tuple[type[Record], ...] = tuple(
    entity for entity in CANONICAL_TABLES if "account_number" in entity.identifiers
)


def find_subject(connection: Connection, given: str, market: str | None = None) -> ServiceSubject:
    """The service, account, order, work order or device of that number, with everything else it is known by.

    Args:
        connection: of a transaction.
        given: the number, however it is spelled.
        market: only there; needed where two markets know the number.

    Raises:
        ConfigurationError: nothing is known under the number, or several accounts are.
    """
    begun = _sagas_named(connection, given.strip(), market)
    named = {(saga.market, _facts(saga).account_number) for saga in begun}
    found = sorted(named | set(_accounts(connection, given.strip(), market)))
    if not found:
        where = f" in {market}" if market else ""
        raise ConfigurationError(f"no service, account, order, work order or device is known as {given!r}{where}")
    if len(found) > 1:
        told = ", ".join(f"account {number} of {place}" for place, number in found[:5])
        raise ConfigurationError(f"{given!r} is known for {told}: name the account, and its --market")
    return _whole(connection, *found[0], begun)


def _sagas_named(connection: Connection, given: str, market: str | None) -> list[Saga]:
    """Sagas of a service, of an order, or for which a device was kept."""
    number, serial = _as(parse_number, given), _as(parse_device_serial, given)
    found = sagas(connection, service_id=given, market=market)
    orders = [] if number is None else [number]
    orders += [] if serial is None else [kept.order_number for kept in devices_with(connection, serial)]
    return found + [saga for order in orders for saga in sagas(connection, order_number=order, market=market)]


def _accounts(connection: Connection, given: str, market: str | None) -> Iterator[tuple[str, str]]:
    """Market and account number of every record that is known under a number."""
    number = _as(parse_number, given.partition("/")[0])  # a later service is called ACCOUNT/ORDER
    if number is not None:
        for order in current_records(connection, ProductOrder, market, order_number=number):
            yield order.market, order.account_number
        for entity in _BY_ACCOUNT:
            for record in current_records(connection, entity, market, account_number=number):
                yield record.market, number
    jobs = current_records(connection, WorkOrder, market, work_order_id=given)
    serial = _as(parse_device_serial, given)
    if serial is not None:
        jobs += _jobs_of(connection, serial, market)
    for job in jobs:
        for order in current_records(connection, ProductOrder, job.market, order_number=job.order_number):
            yield order.market, order.account_number


def _jobs_of(connection: Connection, serial: str, market: str | None) -> list[WorkOrder]:
    """Jobs on which a device was installed, or was to be."""
    jobs = current_records(connection, WorkOrder, market, expected_serial=serial)
    for left in current_records(connection, CompletionMaterial, market, serial=serial):
        jobs += current_records(connection, WorkOrder, left.market, work_order_id=left.work_order_id)
    return jobs


def _whole(connection: Connection, market: str, account_number: str, begun: Collection[Saga]) -> ServiceSubject:
    orders = {
        order.order_number
        for order in current_records(connection, ProductOrder, market, account_number=account_number)
    }
    orders |= {saga.order_number for saga in begun if saga.order_number is not None}
    known = _sagas_of(connection, market, account_number, orders)
    facts = [_facts(saga) for saga in known]
    orders |= {saga.order_number for saga in known if saga.order_number}
    jobs = [
        job
        for number in sorted(orders)
        for job in current_records(connection, WorkOrder, market, order_number=number)
    ]
    serials = {each.line.serial for each in facts} | {each.expected_serial for each in facts}
    serials |= {job.expected_serial for job in jobs}
    for job in jobs:
        materials = current_records(connection, CompletionMaterial, market, work_order_id=job.work_order_id)
        serials |= {left.serial for left in materials}
    return ServiceSubject(
        market,
        account_number,
        services=tuple(sorted({saga.service_id for saga in known})),
        orders=tuple(sorted(orders)),
        work_orders=tuple(sorted({job.work_order_id for job in jobs})),
        serials=tuple(sorted(serial for serial in serials if serial)),
        usernames=tuple(sorted({each.line.username for each in facts})),
    )


def _sagas_of(connection: Connection, market: str, account_number: str, orders: Collection[str]) -> list[Saga]:
    """Sagas that an order of the account began, and all others of the same services."""
    begun = [saga for number in sorted(orders) for saga in sagas(connection, market=market, order_number=number)]
    services = {saga.service_id for saga in begun} | {account_number}
    found = {saga.id: saga for name in services for saga in sagas(connection, market=market, service_id=name)}
    return [saga for saga in found.values() if _facts(saga).account_number == account_number]


def _facts(saga: Saga) -> SagaFacts:
    return SagaFacts.model_validate_json(saga.facts)


def _as(parse: Callable[[object], str], given: str) -> str | None:
    try:
        return parse(given)
    except ValueError:
        return None
