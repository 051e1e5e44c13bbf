"""What the hub may ask of another system, in our own words: a command, its subject and its fields.

How a command reads in the words of one system is YAML of the operator; what a command may hold is this table.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from canonical_model.yaml_source import nearest
from handoffs.stages import MANDATES, Mandate
from rules.types import ColumnType, Schema, parse_schema

FieldValue = str | int | bool | date | datetime | Decimal | None
"""Money as a decimal of major units, a moment with its zone."""

COMMANDS: dict[str, Schema] = {
    name: parse_schema(fields)
    for name, fields in {
        "set_customer_status": {
            "account_number": "text",
            "order_number": "text?",
            "status": "text",
            "effective_on": "date?",
            "completed_at": "timestamp?",
        },
        "set_service_status": {
            "account_number": "text",
            "service_id": "text",
            "status": "text",
            "effective_on": "date",
            "reason": "text?",
        },
        "start_billing": {
            "account_number": "text",
            "order_number": "text?",
            "offering_id": "text",
            "billing_code": "text",
            "starts_on": "date",
            "monthly_price": "money(2)?",
        },
        "change_billing": {
            "account_number": "text",
            "subscription_id": "text",
            "offering_id": "text",
            "billing_code": "text",
            "effective_on": "date",
            "monthly_price": "money(2)?",
        },
        "stop_billing": {
            "account_number": "text",
            "subscription_id": "text",
            "ends_on": "date",
            "reason": "text?",
        },
        "suspend_billing": {
            "account_number": "text",
            "subscription_id": "text",
            "starts_on": "date",
            "reason": "text?",
        },
        "resume_billing": {
            "account_number": "text",
            "subscription_id": "text",
            "resumes_on": "date",
        },
        "post_adjustment": {
            "account_number": "text",
            "amount": "money(2)",
            "currency": "text",
            "reason": "text",
            "posted_on": "date",
        },
        "create_work_order": {
            "order_number": "text",
            "work_type": "text",
            "scheduled_for": "timestamp?",
            "expected_serial": "text?",
            "address": "text?",
            "note": "text?",
        },
        "update_work_order": {
            "work_order_id": "text",
            "scheduled_for": "timestamp?",
            "expected_serial": "text?",
            "note": "text?",
        },
        "close_work_order": {
            "work_order_id": "text",
            "outcome": "text",
            "closed_at": "timestamp?",
            "note": "text?",
        },
        "return_device": {
            "serial": "text",
            "work_order_id": "text?",
            "order_number": "text?",
            "returned_at": "timestamp",
            "reason": "text?",
        },
        "change_session": {
            "username": "text",
            "session_id": "text?",
            "element": "text?",
            "framed_address": "text?",
            "profile": "text?",
        },
        "end_session": {
            "username": "text",
            "session_id": "text?",
            "element": "text?",
            "framed_address": "text?",
            "reason": "text?",
        },
        "set_device_state": {
            "serial": "text",
            "element": "text?",
            "index": "text?",
            "administrative_state": "text",
        },
        "label_device": {
            "serial": "text",
            "element": "text?",
            "index": "text?",
            "label": "text",
        },
        "notify_subscriber": {
            "account_number": "text",
            "recipient": "text",
            "title": "text?",
            "body": "text",
            "language": "text?",
        },
        "notify_staff": {
            "recipient": "text",
            "role": "text",
            "title": "text?",
            "body": "text",
        },
    }.items()
}
"""Every command with its fields, a question mark where one may be missing; ``ends_on`` is the first unbilled day,
``starts_on`` of ``suspend_billing`` the first that rests, and ``resumes_on`` the first that is billed again.

The status of a service is ``active``, ``suspended``, ``on_hold`` or ``ceased``.

An adjustment is negative in the customer's favour. Its reason names the case; a system has to keep it with the
adjustment, so that a run sees what it is for.

A session is named as AAA names it, a device by its serial or the index of its row on its element.
"""

BUILT_IN: Schema = parse_schema({"idempotency_key": "text", "market": "text", "subject": "text"})
"""What every command has beside its fields; expressions may use these as columns, too."""

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}")
"""Fit for an HTTP header, an XML element and the local part of a Message-ID."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that shall happen in another system.

    Attributes:
        name: a key of `COMMANDS`.
        market: where the customer lives.
        handoff: the hand-off whose authority it needs, or that it is an approved remedy.
        subject: what it is about; commands about one subject happen one after the other (``account/0001234``).
        fields: as `COMMANDS` lists them.
        idempotency_key: the same for the same wish, whoever states it again; ``SO-12345/start_billing/1``.
        work: whose path it is on, as ``order/12345``; the subject where none is told.
    """

    name: str
    market: str
    handoff: Mandate
    subject: str
    fields: Mapping[str, FieldValue]
    idempotency_key: str
    work: str = ""

    @property
    def acts_on(self) -> str:
        """The work whose path it is on."""
        return self.work or self.subject

    def columns(self, request_id: str) -> dict[str, FieldValue]:
        """Fields and built-in columns, missing ones as None, for the expressions of a system's mapping.

        Args:
            request_id: stands in the column ``idempotency_key``: what the other system will know the command by.
        """
        given = {name: self.fields.get(name) for name in COMMANDS[self.name]}
        return {**given, "idempotency_key": request_id, "market": self.market, "subject": self.subject}


def problems_of(command: Command) -> list[str]:
    """What keeps a command from being taken, a sentence each; no values are told."""
    schema = COMMANDS.get(command.name)
    if schema is None:
        return [f"there is no command {command.name}{nearest(command.name, COMMANDS)}"]
    return [*_frame_problems(command), *_field_problems(command, schema)]


def _frame_problems(command: Command) -> Iterator[str]:
    if command.handoff not in MANDATES:
        yield f"there is no hand-off {command.handoff}{nearest(command.handoff, list(MANDATES))}"
    if not KEY.fullmatch(command.idempotency_key):
        yield "the idempotency key has 1 to 120 letters, digits and . _ : / -, and begins with a letter or digit"
    if not command.subject or not command.subject.isprintable():
        yield "the subject is empty or holds a control character"


def _field_problems(command: Command, schema: Schema) -> Iterator[str]:
    for name in command.fields:
        if name not in schema:
            yield f"{command.name} has no field {name}{nearest(name, schema)}"
    for name, kind in schema.items():
        value = command.fields.get(name)
        if value is None and not kind.nullable:
            yield f"{command.name} needs {name} ({kind})"
        elif value is not None and not _fits(value, kind):
            yield f"{name} of {command.name} is no {kind.name}"


def _fits(value: FieldValue, kind: ColumnType) -> bool:
    if kind.kind == "text":
        return isinstance(value, str) and "\0" not in value
    if kind.kind == "date":
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind.kind == "timestamp":
        return isinstance(value, datetime) and value.tzinfo is not None
    if kind.kind == "money":
        return isinstance(value, Decimal) and value == value.quantize(Decimal(1).scaleb(-kind.scale))
    return isinstance(value, int)


def as_json(fields: Mapping[str, FieldValue]) -> dict[str, str | int | bool | None]:
    """Fields as JSON holds them: moments and days as ISO text, money as decimal text."""
    return {name: _plain(value) for name, value in fields.items()}


def from_json(name: str, fields: Mapping[str, str | int | bool | None]) -> dict[str, FieldValue]:
    """The fields that ``as_json`` gave, for a command of that name."""
    return {field: _typed(value, COMMANDS[name][field]) for field, value in fields.items()}


def _plain(value: FieldValue) -> str | int | bool | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _typed(value: str | int | bool | None, kind: ColumnType) -> FieldValue:
    if not isinstance(value, str):
        return value
    if kind.kind == "date":
        return date.fromisoformat(value)
    if kind.kind == "timestamp":
        return datetime.fromisoformat(value)
    return Decimal(value) if kind.kind == "money" else value
