"""For which cohort a gate was judged, and what it asked for then.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gate_verdict", sa.Column("cohort", sa.Text(), nullable=True))
    op.add_column("gate_verdict", sa.Column("asked", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("gate_verdict", "asked")
    op.drop_column("gate_verdict", "cohort")
