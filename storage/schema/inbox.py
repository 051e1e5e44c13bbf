"""Tables of the inbox: events that other systems sent us, before anything is made of them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

INBOX = Table(
    "inbox",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),  # counts up in the order of arrival
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("event_id", Text, nullable=False),  # the sender's name of the event
    Column("received_at", UtcInstant, nullable=False),
    Column("signed_at", UtcInstant),  # the moment that the sender signed with; NULL where it signs none
    Column("payload", Text, nullable=False),  # JSON object, the event with all that is around its record
    Column("digest", Text, nullable=False),  # equal for equal content
    Column("state", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),  # how often it was tried to take the event in
    Column("reason", Text, nullable=False),  # why it was rejected, waits, or changed nothing
    Column("settled_at", UtcInstant),  # when it was taken or rejected
    CheckConstraint("state IN ('received', 'taken', 'rejected')", name="state_is_known"),
    Index("ix_inbox_event", "system", "stream", "event_id", unique=True),
    Index("ix_inbox_state", "state", "system", "stream", "id"),
    Index("ix_inbox_settled_at", "settled_at"),
)

INBOX_CONFLICT = Table(
    "inbox_conflict",
    METADATA,
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("event_id", Text, nullable=False),  # came before with another content
    Column("digest", Text, nullable=False),
    Column("received_at", UtcInstant, nullable=False),
    Column("signed_at", UtcInstant),
    Column("payload", Text, nullable=False),  # JSON object; never taken in
    PrimaryKeyConstraint("event_id", "stream", "system", "digest"),
)
