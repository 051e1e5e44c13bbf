"""Tables of the take-over: how far each hand-off is taken over, who acts on which work, and who acted beside."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Text, text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant, unique_while

TAKEOVER_MOVE = Table(
    "takeover_move",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("number", BigInteger, nullable=False),  # of the hand-off's moves; two at once cannot both have it
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),  # behind the move, as is the cohort
    Column("cohort", Text, nullable=False),  # JSON object: towns, technologies, order_types, share
    Column("epoch", BigInteger, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),  # the person, or the rule
    Column("why", Text, nullable=False),
    Column("verdict_id", BigInteger),  # of the gate that it went through
    CheckConstraint("stage IN ('observe', 'shadow', 'canary', 'active', 'legacy_retired')", name="stage_is_known"),
    CheckConstraint(
        "kind IN ('promoted', 'widened', 'narrowed', 'held', 'released', 'given_back', 'rolled_back')",
        name="kind_is_known",
    ),
    Index("ix_takeover_move_number", "market", "handoff", "number", unique=True),
)
"""Rows are only ever added: on which path an order began can be told years later."""

WORK_PATH = Table(
    "work_path",
    METADATA,
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("writer", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("began_at", UtcInstant, nullable=False),
    Column("why", Text, nullable=False),
    PrimaryKeyConstraint("market", "handoff", "work"),
    CheckConstraint("writer IN ('legacy', 'hub')", name="writer_is_known"),
    Index("ix_work_path_writer", "market", "handoff", "writer", "began_at"),
)
"""Who began a piece of work, and ends it. The database itself refuses a second writer."""

WRITER_LEASE = Table(
    "writer_lease",
    METADATA,
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("renewed_at", UtcInstant, nullable=False),
    Column("until", UtcInstant, nullable=False),
    PrimaryKeyConstraint("market", "handoff"),
)
"""Until when the hub may begin new work; the guard renews it each time it has looked."""

FOREIGN_WRITE = Table(
    "foreign_write",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("thing", Text, nullable=False),  # what was written: the subscription, the job, the line
    Column("evidence", Text, nullable=False),  # JSON object: what the hub wrote, what is seen
    Column("found_at", UtcInstant, nullable=False),
    Column("decided_at", UtcInstant),
    Column("decided_by", Text),
    Column("decision", Text),
    Column("why", Text),
    CheckConstraint("decision IN ('legacy_keeps', 'hub_keeps', 'harmless')", name="decision_is_known"),
    Index("ix_foreign_write_thing", "market", "handoff", "work", "kind", "thing", unique=True),
)
"""What somebody else wrote to work that the hub owns. It is compared and shown, and never overwritten silently."""

TAKEOVER_QUESTION = Table(
    "takeover_question",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),  # that would be behind the step, as the cohort
    Column("cohort", Text, nullable=False),  # JSON object as of a move
    Column("verdict_id", BigInteger, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reminded_at", UtcInstant),
    Column("answered_at", UtcInstant),
    Column("answered_by", Text),
    Column("why", Text, nullable=False),
    CheckConstraint("state IN ('open', 'approved', 'stayed', 'lapsed')", name="state_is_known"),
    unique_while(text("state = 'open'"), "ix_takeover_question_open", "market", "handoff"),
)
"""What persons were asked, and what they said: the desk of the flows does not keep who pressed what."""
