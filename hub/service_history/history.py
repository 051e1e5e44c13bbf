"""Gather the history of a service: what every system says, what the hub did, and what is wrong with its bills."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from canonical_model.billing import Adjustment, ChargeLine, CustomerBill, Dispute, Payment, Subscription
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
from hub.service_history.bills import bill_entries
from hub.service_history.entry import HistoryEntry, ServiceHistory, ServiceSubject, in_order
from hub.service_history.journals import effect_entries, reservation_entries, saga_entries
from hub.service_history.records import entries_of, with_completions
from hub.service_history.subject import find_subject
from hub.workplace import Hub
from reconciliation.cases import STATES as CASE_STATES
from storage.case_list import CaseFilter, ListedCase, listed_cases
from storage.current_records import current_records
from storage.effect_steps import steps_of as steps_of_effect
from storage.effects import effects
from storage.kept_for import devices_kept_for, lines_kept_for
from storage.sagas import Saga, sagas
from storage.sagas import steps_of as steps_of_saga

_OF_ACCOUNT: tuple[type[Record], ...] = (
    ProductOrder, Subscription, ChargeLine, CustomerBill, Payment, Adjustment, Dispute,
)  # fmt: skip
_OF_ORDER: tuple[type[Record], ...] = (WorkOrder, ResourceReservation)
_OF_JOB: tuple[type[Record], ...] = (
    WorkOrderVisit, FieldCompletion, CompletionMaterial, CompletionTest, CompletionPhoto,
)  # fmt: skip
_MONEY = (CustomerBill, ChargeLine, Payment)
_OF_DEVICE: tuple[type[Record], ...] = (NetworkObservation, NetworkEvent)


def service_history(hub: Hub, given: str, market: str | None = None) -> ServiceHistory:
    """Everything that is known to have happened to a service.

    Args:
        hub: the operator's hub.
        given: number of the service, account, order, work order or device, however it is spelled.
        market: only there.

    Raises:
        ConfigurationError: nothing is known under the number, or several accounts are, or there is no such market.
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        subject = find_subject(connection, given, market)
        zone = ZoneInfo(_zone(hub, subject.market))
        known = [
            saga for name in subject.services for saga in sagas(connection, service_id=name, market=subject.market)
        ]
        cases, _ = listed_cases(connection, CaseFilter(market=subject.market, subjects=_finding_subjects(subject)))
        entries = [
            *_of_records(connection, subject),
            *(each for saga in known for each in saga_entries(saga, steps_of_saga(connection, saga.id))),
            *_of_effects(connection, subject),
            *reservation_entries(
                lines_kept_for(connection, subject.services), devices_kept_for(connection, subject.orders)
            ),
            *(_finding_entry(case) for case in cases if case.explained_by is None),
        ]
        stands = (*_billed_now(connection, subject), *map(_saga_text, known[-1:]), *map(_case_text, cases))
    return ServiceHistory(subject, zone, stands, in_order(entries, zone))


def _zone(hub: Hub, market: str) -> str:
    """Time zone of a market, UTC where the operator does not have it any more."""
    known = hub.operator.markets.get(market)
    return "UTC" if known is None else known.zone


def _finding_subjects(subject: ServiceSubject) -> set[str]:
    """How findings may name it: services are called by their account, later ones by their order too."""
    names = {subject.account_number, *subject.services, *subject.serials}
    names |= {f"{subject.account_number}/{number}" for number in subject.orders}
    names |= {f"order/{number}" for number in subject.orders}
    return names | {f"work_order/{name}" for name in subject.work_orders}


def _of_records(connection: Connection, subject: ServiceSubject) -> Iterator[HistoryEntry]:
    lookups: list[tuple[tuple[type[Record], ...], str, tuple[str, ...]]] = [
        (_OF_ACCOUNT, "account_number", (subject.account_number,)),
        (_OF_ORDER, "order_number", subject.orders),
        (_OF_JOB, "work_order_id", subject.work_orders),
        (_OF_DEVICE, "serial", subject.serials),
        ((AaaSession,), "username", subject.usernames),
    ]
    found = [
        record
        for entities, column, values in lookups
        for entity in entities
        for value in values
        for record in current_records(connection, entity, subject.market, **{column: value})
    ]
    completed = {each.work_order_id: each.completed_at for each in found if isinstance(each, FieldCompletion)}
    yield from bill_entries(
        [each for each in found if isinstance(each, CustomerBill)],
        [each for each in found if isinstance(each, ChargeLine)],
        [each for each in found if isinstance(each, Payment)],
    )
    for record in found:
        if isinstance(record, _MONEY):
            continue
        yield from with_completions(record, completed) if isinstance(record, _OF_JOB) else entries_of(record)


def _of_effects(connection: Connection, subject: ServiceSubject) -> Iterator[HistoryEntry]:
    subjects = [f"account/{subject.account_number}"]
    subjects += [f"service/{name}" for name in subject.services]
    subjects += [f"order/{number}" for number in subject.orders]
    subjects += [f"work_order/{name}" for name in subject.work_orders]
    for name in subjects:
        for effect in effects(connection, subject=name):
            if effect.market == subject.market:
                yield from effect_entries(effect, steps_of_effect(connection, effect.id))


def _billed_now(connection: Connection, subject: ServiceSubject) -> Iterator[str]:
    found = current_records(connection, Subscription, subject.market, account_number=subject.account_number)
    for billed in found:
        if billed.state != "closed":
            since = f"since {billed.starts_on}" + (f" until {billed.ends_on}" if billed.ends_on else "")
            yield f"subscription {billed.subscription_id} ({billed.billing_code}) is {billed.state} {since}"
    if not any(billed.state in ("active", "suspended") for billed in found):
        yield "nothing is billed"


def _saga_text(saga: Saga) -> str:
    asked = f"; {saga.person.replace('_', ' ')} is asked" if saga.person else ""
    reason = f": {saga.reason}" if saga.reason else ""
    return f"{saga.kind.replace('_', ' ')} is {saga.state} at {saga.step.replace('_', ' ')}{reason}{asked}"


def _case_text(case: ListedCase) -> str:
    money = Money.from_minor(case.now_minor, case.currency)
    if case.explained_by is not None:
        return f"case {case.fingerprint[:12]} ({case.rule_id}) is explained by {case.explained_by}"
    return f"case {case.fingerprint[:12]} ({case.rule_id}) is {case.state}, {money}: {CASE_STATES[case.state]}"


def _finding_entry(case: ListedCase) -> HistoryEntry:
    money = Money.from_minor(case.then_minor, case.currency)
    kind = f"{case.direction} {case.exposure_class}".replace("_", " ")
    return HistoryEntry(
        case.first_seen,
        "splice",
        "finding",
        f"{case.rule_id} was found: {kind}, {money}",
        f"case {case.fingerprint[:12]}",
    )
