"""What belongs to a job is looked up by the job.

Revision ID: 0031
Revises: 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLES = (
    "work_order",
    "work_order_visit",
    "field_completion",
    "completion_material",
    "completion_task",
    "completion_photo",
    "service_test",
    "completion_test",
)


def upgrade() -> None:
    for table in TABLES:
        op.create_index(f"ix_{table}_work_order_id", table, ["work_order_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_work_order_id", table)
