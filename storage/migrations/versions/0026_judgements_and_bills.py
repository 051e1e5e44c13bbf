"""A report is known by what was judged, and not only by its run; the bills before and after a move are kept with one.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # of what was sent before, nobody knows what it said: it stands for its run alone
    op.add_column("report_delivery", sa.Column("judgement", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_report_delivery_judgement", "report_delivery", ["target", "judgement"])
    op.create_table(
        "run_bills",
        sa.Column("run_id", AUTO_ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_bills"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name="fk_run_bills_run_id"),
    )


def downgrade() -> None:
    op.drop_table("run_bills")
    op.drop_index("ix_report_delivery_judgement", "report_delivery")
    with op.batch_alter_table("report_delivery") as table:
        table.drop_column("judgement")
