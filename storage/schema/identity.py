"""Which records are of one customer or premise, what speaks for it, and what a person said."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

IDENTITY_LINK = Table(
    "identity_link",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("subject", Text, nullable=False),  # customer or premise
    *(
        Column(f"{side}_{part}", Text, nullable=False)  # the lesser record is the left one
        for side in ("left", "right")
        for part in ("system", "object", "id")
    ),
    Column("state", Text, nullable=False),
    Column("basis", Text, nullable=False),  # what the last run found it by
    Column("reason", Text, nullable=False),
    Column("probability", Double),  # NULL where only a key speaks for it
    Column("weight", Double),
    Column("evidence", Text, nullable=False),  # JSON list, the heaviest first
    Column("settings_version", BigInteger, nullable=False),
    Column("found_at", UtcInstant, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    Column("decided_by", Text),  # NULL while no person's answer holds
    Column("decided_at", UtcInstant),
    Column("why", Text),
    CheckConstraint("state IN ('linked', 'review', 'apart', 'lapsed')", name="state_is_known"),
    CheckConstraint("basis IN ('key', 'score')", name="basis_is_known"),
    Index(
        "ix_identity_link_pair",
        *("left_id", "right_id", "left_object", "right_object", "left_system", "right_system", "subject"),
        unique=True,
    ),
    Index("ix_identity_link_right", "right_id", "right_object", "right_system"),
    Index("ix_identity_link_state", "state", "subject", "id"),
)

IDENTITY_STEP = Table(
    "identity_step",
    METADATA,
    Column("link_id", AUTO_ID, ForeignKey("identity_link.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),  # behind the step
    Column("basis", Text, nullable=False),
    Column("reason", Text, nullable=False),  # the run's, or the person's
    Column("probability", Double),
    Column("evidence", Text, nullable=False),
    Column("settings_version", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    PrimaryKeyConstraint("link_id", "number"),
    CheckConstraint("step IN ('found', 'changed', 'lapsed', 'accept', 'reject', 'undo')", name="step_is_known"),
)
