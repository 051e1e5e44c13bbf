"""Tables of the way out to other systems: the journal of effects, and every step of each."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

_MOVES = text("state IN ('queued', 'sending', 'unknown')")
_HOLDS_BACK = text("state IN ('queued', 'sending', 'unknown', 'refused', 'parked')")

EFFECT = Table(
    "effect",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("idempotency_key", Text, nullable=False),
    Column("request_id", Text, nullable=False),  # what the other system knows it by
    Column("generation", BigInteger, nullable=False),  # grows when a person lets a refused effect be planned anew
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON object: the command in our words
    Column("write", Text, nullable=False),  # JSON object: what is sent, in the system's words
    Column("state", Text, nullable=False),
    Column("told", Text, nullable=False),  # what the system said at the last sending
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),  # the system's own id of what it did
    Column("sends", BigInteger, nullable=False),
    Column("looks", BigInteger, nullable=False),  # since the last sending
    Column("shown_before", Text),  # JSON: what the system showed before the last sending, where that was looked at
    Column("due_at", UtcInstant, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", UtcInstant),
    Column("fence", BigInteger, nullable=False),  # grows with each lease; who holds an older one may not write
    Column("enqueued_at", UtcInstant, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    Column("work", Text),  # whose path it is on; the subject where none is told
    CheckConstraint(
        "state IN ('queued', 'sending', 'unknown', 'done', 'refused', 'parked', 'discarded')", name="state_is_known"
    ),
    CheckConstraint("told IN ('nothing', 'acknowledged', 'accepted', 'refused', 'unknown')", name="told_is_known"),
    Index("ix_effect_key", "idempotency_key", unique=True),
    Index("ix_effect_state", "state", "due_at"),
    Index("ix_effect_subject", "subject", "id"),
    Index("ix_effect_market", "market", "changed_at"),
    # small whatever the history: who takes the next one up reads them from their beginning
    Index("ix_effect_due", "due_at", "id", sqlite_where=_MOVES, postgresql_where=_MOVES),
    Index("ix_effect_holding_back", "subject", "id", sqlite_where=_HOLDS_BACK, postgresql_where=_HOLDS_BACK),
)

EFFECT_STEP = Table(
    "effect_step",
    METADATA,
    Column("effect_id", ForeignKey("effect.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("step", Text, nullable=False),
    Column("attempt", BigInteger, nullable=False),  # which sending it belongs to, 0 before the first
    Column("state", Text, nullable=False),  # behind the step
    Column("told", Text),
    Column("sight", Text),
    Column("reference", Text),
    Column("said", Text, nullable=False),
    Column("error", Text),  # class of the error
    Column("actor", Text, nullable=False),  # the process, or the person
    PrimaryKeyConstraint("effect_id", "number"),
    CheckConstraint(
        "step IN ('enqueued', 'sending', 'sent', 'looked', 'lapsed', 'withheld', 'retried', 'discarded')",
        name="step_is_known",
    ),
)
