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
    Column("weights_version", BigInteger),  # NULL where nothing was learnt: the shares of the settings were used
    Column("pattern", Text, nullable=False, server_default=""),  # what agrees and what differs, in words
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
    Index("ix_identity_link_pattern", "pattern", "subject", "state"),
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
    Column("weights_version", BigInteger),
    Column("batch", BigInteger),  # with which other answers it was given; NULL alone
    Column("actor", Text, nullable=False),
    PrimaryKeyConstraint("link_id", "number"),
    CheckConstraint("step IN ('found', 'changed', 'lapsed', 'accept', 'reject', 'undo')", name="step_is_known"),
    Index("ix_identity_step_batch", "batch"),
)

IDENTITY_BATCH = Table(
    "identity_batch",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("answer", Text, nullable=False),  # accept, reject or undo; mixed of a file
    Column("source", Text, nullable=False),  # the pattern, the file or the batch that was answered
    Column("why", Text, nullable=False),
    Column("answers", BigInteger, nullable=False),  # how many
)

IDENTITY_WEIGHTS = Table(
    "identity_weights",
    METADATA,
    Column("subject", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("learnt_at", UtcInstant, nullable=False),
    Column("chosen_at", UtcInstant, nullable=False),  # the version chosen last is in use
    Column("actor", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("content", Text, nullable=False),  # identity.weights as JSON
    PrimaryKeyConstraint("subject", "version"),
)
