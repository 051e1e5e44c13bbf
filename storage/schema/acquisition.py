"""Tables of acquisitions: what persons were asked about waves, and when customers were compared last."""

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
