"""Not everything that is done to a service was ordered: a suspension and a reset have no order.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("saga") as table:
        table.alter_column("order_number", existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    op.execute("UPDATE saga SET order_number = '' WHERE order_number IS NULL")
    with op.batch_alter_table("saga") as table:
        table.alter_column("order_number", existing_type=sa.Text(), nullable=False)
