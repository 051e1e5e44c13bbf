"""Where a subscription's service is; findings are about services, whose first of an account has its number.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("premise_id", sa.Text()))
    op.execute("UPDATE finding SET subject_kind = 'service' WHERE subject_kind = 'account'")


def downgrade() -> None:
    op.execute("UPDATE finding SET subject_kind = 'account' WHERE subject_kind = 'service'")
    op.drop_column("subscription", "premise_id")
