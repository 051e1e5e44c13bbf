"""Tables of provisioning: what is under way for each service, every step of it, and what is kept for whom."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant, unique_while

_UNDER_WAY = text("state IN ('running', 'held', 'undoing')")
_HELD = text("released_at IS NULL")


SAGA = Table(
    "saga",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("key", Text, nullable=False),  # the same for the same wish, whoever states it again
    Column("kind", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("order_number", Text),  # none where nobody ordered: a suspension, a reset
    Column("element", Text, nullable=False),
    Column("work_order_id", Text),  # the job whose completion it waits for, once there is one
    Column("state", Text, nullable=False),
    Column("step", Text, nullable=False),  # the next one, or the one at which it stands
    Column("reason", Text, nullable=False),
    Column("person", Text),  # who is asked
    Column("proposal", Text),  # JSON object: facts that this person may accept
    Column("facts", Text, nullable=False),  # JSON object: provisioning.facts.SagaFacts
    Column("tries", BigInteger, nullable=False),  # of the step at which it stands
    Column("step_began_at", UtcInstant, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", UtcInstant),
    Column("fence", BigInteger, nullable=False),  # grows with each lease; who holds an older one may not write
    Column("began_at", UtcInstant, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    CheckConstraint("state IN ('running', 'held', 'undoing', 'undone', 'done')", name="state_is_known"),
    Index("ix_saga_key", "key", unique=True),
    Index("ix_saga_state", "state", "due_at"),
    Index("ix_saga_kind", "kind", "state"),
    Index("ix_saga_service", "service_id", "id"),
    Index("ix_saga_order", "order_number"),
    Index("ix_saga_work_order", "work_order_id"),
    Index("ix_saga_market", "market", "changed_at"),
    unique_while(_UNDER_WAY, "ix_saga_one_at_a_time", "service_id"),
)
"""A service has one saga at a time: two at once would each undo what the other does."""

SAGA_STEP = Table(
    "saga_step",
    METADATA,
    Column("saga_id", ForeignKey("saga.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("step", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("change", Text),  # JSON object: provisioning.change.Change, with the state before as its inverse
    Column("said", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the process, or the person
    PrimaryKeyConstraint("saga_id", "number"),
    CheckConstraint(
        "event IN ('began', 'intended', 'passed', 'waited', 'held', 'failed', 'undone', 'decided', 'lapsed',"
        " 'ended')",
        name="event_is_known",
    ),
)

LINE_RESERVATION = Table(
    "line_reservation",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("port", Text, nullable=False),
    Column("onu_id", BigInteger, nullable=False),  # 0 where the technology has no numbers of terminals on a port
    Column("service_id", Text, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("reserved_at", UtcInstant, nullable=False),
    Column("released_at", UtcInstant),
    Column("reason", Text, nullable=False),
    Column("terminal", Text),  # in the street, where the plant's inventory tells it
    Column("leg", BigInteger),  # of that terminal
    unique_while(_HELD, "ix_line_reservation_one_holder", "element", "port", "onu_id"),
    unique_while(_HELD, "ix_line_reservation_one_leg", "market", "terminal", "element", "port", "leg"),
    unique_while(_HELD, "ix_line_reservation_one_line", "market", "order_number"),
    Index("ix_line_reservation_service", "service_id"),
)
"""Which order a place on a port is kept for, and which service. The database itself refuses a second holder.

A service that moves holds two: the one that it has, for the order that began it, and the one that it goes to.
"""

DEVICE_ALLOCATION = Table(
    "device_allocation",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("serial", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("allocated_at", UtcInstant, nullable=False),
    Column("released_at", UtcInstant),
    Column("reason", Text, nullable=False),
    unique_while(_HELD, "ix_device_allocation_one_holder", "serial"),
    unique_while(_HELD, "ix_device_allocation_one_device", "order_number", "kind"),
)
"""Which order a device of the store room is given to: one of a kind each."""

READINESS_HOLD = Table(
    "readiness_hold",
    METADATA,
    Column("market", Text, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON array: code, label and person of each
    Column("held_at", UtcInstant, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),  # since when these are the reasons
    Column("ended_at", UtcInstant),  # since when nothing is in its way any more
    PrimaryKeyConstraint("market", "order_number"),
)
"""Why an order could not be made ready, so that it is told once and not at every look."""

ORDER_CONSENT = Table(
    "order_consent",
    METADATA,
    Column("market", Text, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("noted_at", UtcInstant, nullable=False),
    PrimaryKeyConstraint("market", "order_number"),
)
"""Who agreed that a building is worked in, where whoever owns it has to."""
