"""Shadow: what the hub would have done, how it compared, and what persons explained.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTS = sa.text("superseded_at IS NULL")
_CLASSES = "'match', 'match_after_normalising', 'explained', 'legacy_wrong', 'hub_wrong', 'unknown'"


def upgrade() -> None:
    _intents()
    _comparisons()
    _explanations()
    op.create_table(
        "shadow_pass",
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("handoff", sa.Text, nullable=False),
        sa.Column("read_until", INSTANT, nullable=False),
        sa.Column("passed_at", INSTANT, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("bills_of", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("market", "handoff", name=op.f("pk_shadow_pass")),
    )


def downgrade() -> None:
    for table in ("shadow_pass", "shadow_explanation", "shadow_comparison", "shadow_intent"):
        op.drop_table(table)


def _intents() -> None:
    op.create_table(
        "shadow_intent",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("handoff", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("counts_from", INSTANT, nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_intent")),
        sa.CheckConstraint(
            "state IN ('waiting', 'compared', 'lapsed')", name=op.f("ck_shadow_intent_state_is_known")
        ),
    )
    op.create_index("ix_shadow_intent_work", "shadow_intent", ["market", "handoff", "work"], unique=True)
    op.create_index("ix_shadow_intent_state", "shadow_intent", ["market", "handoff", "state"])


def _comparisons() -> None:
    op.create_table(
        "shadow_comparison",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("intent_id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("handoff", sa.Text, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("counts_from", INSTANT, nullable=False),
        sa.Column("compared_at", INSTANT, nullable=False),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.Column("class", sa.Text, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("observed", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("differences", sa.Text, nullable=False),
        sa.Column("money_minor", sa.BigInteger, nullable=False),
        sa.Column("unexplained_minor", sa.BigInteger, nullable=False),
        sa.Column("critical", sa.Boolean, nullable=False),
        sa.Column("versions", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_comparison")),
        sa.ForeignKeyConstraint(["intent_id"], ["shadow_intent.id"], name=op.f("fk_shadow_comparison_intent_id")),
        sa.CheckConstraint(f"class IN ({_CLASSES})", name=op.f("ck_shadow_comparison_class_is_known")),
    )
    op.create_index("ix_shadow_comparison_intent", "shadow_comparison", ["intent_id"])
    op.create_index(
        "ix_shadow_comparison_one_counts",
        "shadow_comparison",
        ["intent_id"],
        unique=True,
        sqlite_where=COUNTS,
        postgresql_where=COUNTS,
    )
    op.create_index(
        "ix_shadow_comparison_counted",
        "shadow_comparison",
        ["market", "handoff", "superseded_at", "compared_at"],
    )


def _explanations() -> None:
    op.create_table(
        "shadow_explanation",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("handoff", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_explanation")),
        sa.CheckConstraint("expires_at > said_at", name=op.f("ck_shadow_explanation_has_an_end")),
        sa.CheckConstraint("owner <> ''", name=op.f("ck_shadow_explanation_has_an_owner")),
    )
    op.create_index("ix_shadow_explanation_handoff", "shadow_explanation", ["market", "handoff"])
