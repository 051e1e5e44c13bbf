"""What is counted of a pull before its suites have decided about it.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stream_state", sa.Column("undecided", sa.Text()))


def downgrade() -> None:
    op.drop_column("stream_state", "undecided")
