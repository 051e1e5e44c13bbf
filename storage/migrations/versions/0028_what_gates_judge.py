"""What gates judge of a completed job: the customer's signature, credit holds; and all records of a job at once.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# looked up by the work order while a saga waits
OF_A_JOB = (
    "work_order",
    "work_order_visit",
    "field_completion",
    "completion_material",
    "completion_photo",
    "completion_test",
)


def upgrade() -> None:
    op.add_column("field_completion", sa.Column("signed", sa.Boolean()))
    op.add_column("billing_account", sa.Column("credit_hold", sa.Boolean()))
    for table in OF_A_JOB:
        op.create_index(f"ix_{table}_work_order_id", table, ["work_order_id"])


def downgrade() -> None:
    for table in reversed(OF_A_JOB):
        op.drop_index(f"ix_{table}_work_order_id", table)
    # a column that no index and no view names is dropped in place on both databases
    op.drop_column("billing_account", "credit_hold")
    op.drop_column("field_completion", "signed")
