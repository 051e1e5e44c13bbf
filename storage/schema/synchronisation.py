"""Tables of the way in: raw records, pulls, how far each stream came, and what was set aside."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

PULL = Table(
    "pull",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant),
    Column("read", BigInteger, nullable=False),
    Column("landed", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("deleted", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("control_totals", Text, nullable=False),  # JSON object
    Column("outcome", Text, nullable=False),
    Column("message", Text, nullable=False),
    CheckConstraint(
        "outcome IN ('running', 'succeeded', 'failed', 'stopped', 'superseded')", name="outcome_is_known"
    ),
    Index("ix_pull_system_stream", "system", "stream", "id"),
)

STREAM_STATE = Table(
    "stream_state",
    METADATA,
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("pull_id", ForeignKey("pull.id"), nullable=False),  # the only pull that may write
    Column("resume_point", Text),  # JSON object, NULL before the first page
    Column("source_total", BigInteger),
    Column("entities", Text, nullable=False),  # JSON array: entities that the stream ever gave
    Column("known_at", UtcInstant),  # known_from of the last page
    Column("last_event_at", UtcInstant),  # the newest event seen
    Column("last_success_at", UtcInstant),  # start of the last pull that came to its end
    PrimaryKeyConstraint("system", "stream"),
)

LANDING = Table(
    "landing",
    METADATA,
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("landed_id", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON object, as the source spelled it
    Column("change_order", BigInteger),  # grows with each change at the source
    Column("pull_id", AUTO_ID, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("known_from", UtcInstant, nullable=False),
    Column("known_to", UtcInstant, nullable=False),
    PrimaryKeyConstraint("landed_id", "stream", "system", "known_to"),
    CheckConstraint("known_to > known_from", name="known_for_some_time"),
)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("landed_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("expectation", Text),  # the check that refused it, NULL where mapping failed
    Column("payload", Text, nullable=False),  # JSON object, as the source spelled it
    Column("pull_id", ForeignKey("pull.id"), nullable=False),
    Column("first_seen_at", UtcInstant, nullable=False),
    Column("last_seen_at", UtcInstant, nullable=False),
    Column("released_at", UtcInstant),
    PrimaryKeyConstraint("landed_id", "stream", "system"),
)
