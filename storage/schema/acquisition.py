"""Tables of acquisitions: what persons were asked about waves and said of disputes, when customers were compared."""

from sqlalchemy import CheckConstraint, Column, Table, Text, text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant, unique_while

WAVE_QUESTION = Table(
    "wave_question",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("wave", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("as_of", UtcInstant, nullable=False),  # of the reconciliation that it rests on
    Column("steps", Text, nullable=False),  # JSON list: what every step came to when it was asked
    Column("asked_at", UtcInstant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reminded_at", UtcInstant),
    Column("answered_at", UtcInstant),
    Column("answered_by", Text),
    Column("why", Text, nullable=False),
    CheckConstraint("phase IN ('begin', 'sign_off')", name="phase_is_known"),
    CheckConstraint("state IN ('open', 'approved', 'stayed', 'lapsed')", name="state_is_known"),
    unique_while(text("state = 'open'"), "ix_wave_question_open", "market"),
    unique_while(text("state = 'approved'"), "ix_wave_question_approved", "market", "wave", "phase"),
)
"""A market is asked about one wave at a time, and a wave is begun and signed once."""

IDENTITY_RUN = Table(
    "identity_run",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("matched_at", UtcInstant, nullable=False),
)
"""When the records of a subject were compared last: that there is no link says nothing where nobody looked."""

DISPUTE_END = Table(
    "dispute_end",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("source_system", Text, nullable=False),
    Column("source_object", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("opened_at", UtcInstant, nullable=False),  # of the dispute: opened anew it is another one
    Column("said_at", UtcInstant, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("taken_back_at", UtcInstant),
    Column("taken_back_by", Text),
    unique_while(
        text("taken_back_at IS NULL"),
        "ix_dispute_end_held",
        "source_id",
        "source_object",
        "source_system",
        "opened_at",
    ),
)
"""Disputes of which a person said that they are over, where their system does not; one word holds for each."""
