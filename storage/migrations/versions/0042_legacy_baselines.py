"""What legacy's own works came to before a canary began.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

from storage.schema.columns import AUTO_ID, UtcInstant

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legacy_baseline",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.Column("until", UtcInstant(), nullable=False),
        sa.CheckConstraint(
            "(good IS NULL) <> (value IS NULL)", name=op.f("ck_legacy_baseline_is_share_or_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_baseline")),
    )
    op.create_index("ix_legacy_baseline_metric", "legacy_baseline", ["market", "handoff", "metric", "id"])


def downgrade() -> None:
    op.drop_table("legacy_baseline")
