"""Tables of shadow: what the hub would have done, how it compared with what legacy did, what persons explained."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

SHADOW_INTENT = Table(
    "shadow_intent",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("work", Text, nullable=False),  # order/1234
    Column("counts_from", UtcInstant, nullable=False),  # when legacy should have begun to act
    Column("computed_at", UtcInstant, nullable=False),
    Column("versions", Text, nullable=False),  # fingerprint of the rules, mappings and tables that it stands on
    Column("fields", Text, nullable=False),  # JSON object
    Column("state", Text, nullable=False),
    CheckConstraint("state IN ('waiting', 'compared', 'lapsed')", name="state_is_known"),
    Index("ix_shadow_intent_work", "market", "handoff", "work", unique=True),
    Index("ix_shadow_intent_state", "market", "handoff", "state"),
)

SHADOW_COMPARISON = Table(
    "shadow_comparison",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("intent_id", ForeignKey("shadow_intent.id"), nullable=False),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("counts_from", UtcInstant, nullable=False),
    Column("compared_at", UtcInstant, nullable=False),
    Column("superseded_at", UtcInstant),  # a later comparison of the same work counts instead
    Column("class", Text, nullable=False),
    Column("intent", Text, nullable=False),  # JSON object: what was compared, as it was
    Column("observed", Text, nullable=False),  # JSON object; null where legacy did nothing
    Column("evidence", Text, nullable=False),  # JSON object
    Column("differences", Text, nullable=False),  # JSON array: field, class, both values, what proves it
    Column("money_minor", BigInteger, nullable=False),
    Column("unexplained_minor", BigInteger, nullable=False),
    Column("critical", Boolean, nullable=False),
    Column("versions", Text, nullable=False),
    CheckConstraint(
        "class IN ('match', 'match_after_normalising', 'explained', 'legacy_wrong', 'hub_wrong', 'unknown')",
        name="class_is_known",
    ),
    Index("ix_shadow_comparison_intent", "intent_id"),
    Index(
        "ix_shadow_comparison_one_counts",
        "intent_id",
        unique=True,
        sqlite_where=text("superseded_at IS NULL"),
        postgresql_where=text("superseded_at IS NULL"),
    ),
    Index("ix_shadow_comparison_counted", "market", "handoff", "superseded_at", "compared_at"),
)

SHADOW_EXPLANATION = Table(
    "shadow_explanation",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("condition", Text, nullable=False),  # over the row, in the rule language
    Column("owner", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("said_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    CheckConstraint("expires_at > said_at", name="has_an_end"),
    CheckConstraint("owner <> ''", name="has_an_owner"),
    Index("ix_shadow_explanation_handoff", "market", "handoff"),
)

SHADOW_PASS = Table(
    "shadow_pass",
    METADATA,
    Column("market", Text, primary_key=True),
    Column("handoff", Text, primary_key=True),
    Column("read_until", UtcInstant, nullable=False),  # records that were known by then were looked at
    Column("passed_at", UtcInstant, nullable=False),
    Column("versions", Text, nullable=False),
    Column("bills_of", Text, nullable=False),  # version of the bills that were compared; may be empty
)
