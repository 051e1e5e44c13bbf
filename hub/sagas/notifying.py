"""Messages to people: to customers when it is true, to staff when something needs them. Each is told once.

A message is never a reason to stop: where no system takes messages, where nobody is named, or where the hub may not
act, it is left out and the log says so.
"""

import logging
from collections.abc import Collection
from hashlib import blake2b
from typing import cast

from canonical_model.customers import Customer
from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.orders import ProductOrder
from handoffs.commands import Command, FieldValue
from hub.effects.enqueue import planned_effect
from hub.readiness.orders_around import DEAD_STATES
from hub.sagas.desk import Desk
from provisioning.facts import SagaFacts
from provisioning.notices import AFTER, GIVEN_UP, MISSING, SILENT, Notice
from provisioning.proven import Proven
from provisioning.saga import SagaKind, SagaMove
from storage.current_records import current_records
from storage.effects import PlannedEffect, effect_with_key, journal_all
from storage.sagas import Saga

log = logging.getLogger(__name__)


def notice_when_done(desk: Desk, saga: Saga, told: Proven) -> None:
    """Tell the customer what every system shows by now.

    Raises:
        RetryableError: the database is out of reach.
    """
    notice = AFTER.get(cast("SagaKind", saga.kind))
    if notice is None:
        return
    missing = MISSING if told.facts.missing_parts else ""
    filled = notice.filled(told.offering_id, told.day, missing, told.facts.standing)
    planned = _to_customer(desk, saga, told.facts, filled, "notice")
    if planned:
        with desk.hub.database.journaling() as connection:
            journal_all(connection, planned, desk.clock())


def told_of_move(desk: Desk, saga: Saga, facts: SagaFacts, move: SagaMove) -> list[PlannedEffect]:
    """What people are told of a saga that is held or was brought back; of the same hold once.

    Raises:
        RetryableError: the database is out of reach.
    """
    if move.state not in ("held", "undone") or (move.state == "undone" and saga.kind in SILENT):
        return []
    person = move.person or "dispatcher"
    which = blake2b(f"{move.step}|{person}|{move.said}".encode(), digest_size=6).hexdigest()
    key = f"{saga.key}/{move.state}/{which}"
    what = "is held" if move.state == "held" else "was brought back"
    text = f"{saga.kind} of service {facts.line.service_id} {what} at {move.step}: {move.said}"
    planned = []
    if facts.work_order_id is not None:
        fields = {"work_order_id": facts.work_order_id, "note": f"{text} (asks the {person.replace('_', ' ')})"}
        subject = f"work-order/{facts.work_order_id}"
        planned += _planned(
            desk,
            Command(
                "update_work_order",
                saga.market,
                "dispatch_to_field",
                subject,
                fields,
                f"{key}/job",
                facts.acts_on,
            ),
        )
    roles = {person, "dispatcher"}
    planned += _to_staff(desk, saga, roles, f"Service {facts.line.service_id} {what}", text, key)
    notice = GIVEN_UP.get(cast("SagaKind", saga.kind))
    if move.state == "undone" and notice is not None and _is_wanted(desk, saga):
        planned += _to_customer(desk, saga, facts, notice, "given_up")
    return planned


def _is_wanted(desk: Desk, saga: Saga) -> bool:
    """Whether its order stands: who has called it off himself is promised no other appointment."""
    if saga.order_number is None:
        return True
    with desk.hub.database.reading() as connection:
        orders = current_records(connection, ProductOrder, saga.market, order_number=saga.order_number)
    return not any(order.state in DEAD_STATES for order in orders)


def told_of_missing_parts(desk: Desk, saga: Saga, facts: SagaFacts) -> list[PlannedEffect]:
    """What staff is told of a service that works but for a part of it.

    Raises:
        RetryableError: the database is out of reach.
    """
    missing = "; ".join(f"{part}: {why}" for part, why in facts.missing_parts.items())
    text = f"service {facts.line.service_id} works and is billed but for what is missing: {missing}"
    title = f"Service {facts.line.service_id} works in part"
    return _to_staff(desk, saga, {"technician", "dispatcher"}, title, text, f"{saga.key}/missing")


def _to_staff(desk: Desk, saga: Saga, roles: Collection[str], title: str, text: str, key: str) -> list[PlannedEffect]:
    planned = []
    for role, address in desk.network.people.get(saga.market, {}).items():
        if role in roles:
            fields: dict[str, FieldValue] = {"recipient": address, "role": role, "title": title, "body": text}
            subject = f"staff/{role}"
            planned += _planned(
                desk,
                Command("notify_staff", saga.market, "staff", subject, fields, f"{key}/{role}"),
            )
    return planned


def _to_customer(desk: Desk, saga: Saga, facts: SagaFacts, notice: Notice, key: str) -> list[PlannedEffect]:
    with desk.hub.database.reading() as connection:
        found = current_records(connection, Customer, saga.market, account_number=facts.account_number)
    address = next((each.email for each in found if each.email), None)
    if address is None:
        return []
    fields = {
        "account_number": facts.account_number,
        "recipient": address,
        "title": notice.title,
        "body": notice.body,
    }
    subject = f"notice/{facts.account_number}"
    return _planned(
        desk,
        Command(
            "notify_subscriber",
            saga.market,
            "field_to_billing",
            subject,
            fields,
            f"{saga.key}/{key}",
            facts.acts_on,
        ),
    )


def _planned(desk: Desk, command: Command) -> list[PlannedEffect]:
    """The command as it goes into the journal, or nothing where it was told before."""
    if not desk.hub.operator.commands.get(command.name):
        return []
    with desk.hub.database.reading() as connection:
        if effect_with_key(connection, command.idempotency_key) is not None:
            return []
    try:
        return [planned_effect(desk.hub, command, desk.may_act)]
    except (ConfigurationError, UnsafeToContinue, ValueError) as error:
        log.warning("nobody was told", extra={"command": command.name, "why": str(error)})
        return []
