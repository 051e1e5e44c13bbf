"""Tables of the way in: raw records, pulls, how far each stream came, and what was set aside."""

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
    Column("undecided", Text),  # JSON object: counted since the last verdict about a whole pull, NULL where nothing
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
    Column("waits_for", Text),  # JSON array of keys; it is tried again once all are known, NULL for never
    Column("payload", Text, nullable=False),  # JSON object, as the source spelled it
    Column("pull_id", ForeignKey("pull.id"), nullable=False),
    Column("first_seen_at", UtcInstant, nullable=False),
    Column("last_seen_at", UtcInstant, nullable=False),
    Column("released_at", UtcInstant),
    PrimaryKeyConstraint("landed_id", "stream", "system"),
    # partial, so that no statement about a page's records can be planned by way of it
    Index(
        "ix_quarantine_waiting",
        *("system", "stream", "landed_id"),
        sqlite_where=text("waits_for IS NOT NULL"),
        postgresql_where=text("waits_for IS NOT NULL"),
    ),
)

QUALITY_RESULT = Table(
    "quality_result",
    METADATA,
    Column("pull_id", ForeignKey("pull.id"), nullable=False),
    Column("system", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("began_at", UtcInstant, nullable=False),  # start of the pull
    Column("entity", Text, nullable=False),  # empty where it is about the stream as a whole
    Column("name", Text, nullable=False),
    Column("market", Text, nullable=False),  # empty for all markets together
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("unit", Text, nullable=False),  # what is counted
    Column("evaluated", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("observed", Text, nullable=False),
    Column("sample", Text, nullable=False),  # JSON array of keys of raw records, the first that failed
    Column("verdict", Text, nullable=False),
    Column("version", Text, nullable=False),  # of the suite
    PrimaryKeyConstraint("pull_id", "entity", "name", "market"),
    CheckConstraint("severity IN ('critical', 'warning')", name="severity_is_known"),
    CheckConstraint("unit IN ('records', 'pages', 'pulls')", name="unit_is_known"),
    CheckConstraint("verdict IN ('not_judged', 'passed', 'told', 'set_aside', 'stopped')", name="verdict_is_known"),
    Index("ix_quality_result_stream", "system", "stream", "began_at"),
)
