"""Who agreed to the work of an order, where whoever owns the building has to.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

from storage.schema.columns import UtcInstant

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_consent",
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("market", "order_number", name=op.f("pk_order_consent")),
    )


def downgrade() -> None:
    op.drop_table("order_consent")
