"""Tables of gates and of the guard: what each gate came to, each pass of the guard, and what is paused until when."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

GATE_VERDICT = Table(
    "gate_verdict",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("from_stage", Text, nullable=False),
    Column("to_stage", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("lines", Text, nullable=False),  # JSON array: metric, result, sentence and works of each criterion
    Column("versions", Text, nullable=False),
    Column("clock_since", UtcInstant, nullable=False),
    Column("measured_at", UtcInstant, nullable=False),
    Column("cohort", Text),  # JSON object: what the step would take over; NULL for the whole market
    Column("asked", Text),  # fingerprint of what the gates asked for
    CheckConstraint("result IN ('pass', 'fail', 'inconclusive')", name="result_is_known"),
    Index("ix_gate_verdict_gate", "market", "handoff", "id"),
)

GATE_CLOCK = Table(
    "gate_clock",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("versions", Text, nullable=False),  # fingerprint of all parts
    Column("parts", Text, nullable=False),  # JSON object: fingerprint by part
    Column("since", UtcInstant, nullable=False),
    Index("ix_gate_clock_handoff", "market", "handoff", "id"),
)
"""Each change of what a hand-off is decided by; the last row of a hand-off is at work. Rows are only ever added."""

LEGACY_BASELINE = Table(
    "legacy_baseline",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("good", BigInteger),  # of a share
    Column("value", Text),  # of a number: decimal text
    Column("counted", BigInteger, nullable=False),  # works that it was made from
    Column("since", UtcInstant, nullable=False),
    Column("until", UtcInstant, nullable=False),
    CheckConstraint("(good IS NULL) <> (value IS NULL)", name="is_share_or_number"),
    Index("ix_legacy_baseline_metric", "market", "handoff", "metric", "id"),
)
"""Legacy's own figures of the weeks before a canary began. Rows are only ever added."""

GUARD_PASS = Table(
    "guard_pass",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("works", Text),  # JSON array: those that an event was about, NULL for the whole market
    Column("trips", Text, nullable=False),  # JSON array: kind, hand-off, deed, figure, works and sentence of each
    Column("done", Text, nullable=False),  # JSON object: what was done, by hand-off
    Column("missed", Text, nullable=False),  # JSON object: by kind of signal, why it could not be looked for
    Index("ix_guard_pass_market", "market", "id"),
)

_OPEN = text("ended_at IS NULL")

FROZEN_JOB = Table(
    "frozen_job",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("paused_at", UtcInstant, nullable=False),
    Column("resume_by", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    CheckConstraint("resume_by > paused_at", name="ends_some_day"),
    Index("ix_frozen_job_open", "market", "name", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)
"""Recurring jobs that are paused for a take-over. Each has an owner and a day, or it is forgotten."""
