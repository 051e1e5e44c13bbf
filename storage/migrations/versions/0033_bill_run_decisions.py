"""What finance decided before a bill run whose accounts had open findings.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bill_run_decision",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bill_run_decision"),
        sa.CheckConstraint("decision IN ('hold', 'release')", name=op.f("ck_bill_run_decision_decision_is_known")),
    )
    op.create_index("ix_bill_run_decision_run", "bill_run_decision", ["market", "billed_on", "id"])


def downgrade() -> None:
    op.drop_table("bill_run_decision")
