"""The term of a contract on orders, and how many of something a bill line charges.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product_order", sa.Column("term_months", sa.BigInteger(), nullable=True))
    op.add_column("charge_line", sa.Column("quantity", sa.BigInteger(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("charge_line", "quantity")
    op.drop_column("product_order", "term_months")
