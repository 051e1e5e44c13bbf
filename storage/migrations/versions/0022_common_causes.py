"""What the findings of a run have in common.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_causes",
        sa.Column("run_id", AUTO_ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_causes"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name="fk_run_causes_run_id"),
    )


def downgrade() -> None:
    op.drop_table("run_causes")
