"""A saga is found by the work order that it waits for, so that its completion wakes it.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_FOUND = {"sqlite": "json_extract(facts, '$.work_order_id')", "postgresql": "facts::json ->> 'work_order_id'"}


def upgrade() -> None:
    op.add_column("saga", sa.Column("work_order_id", sa.Text()))
    op.execute(f"UPDATE saga SET work_order_id = {_FOUND[op.get_bind().dialect.name]}")  # noqa: S608 - no value of anybody
    op.create_index("ix_saga_work_order", "saga", ["work_order_id"])


def downgrade() -> None:
    op.drop_index("ix_saga_work_order", "saga")
    with op.batch_alter_table("saga") as table:
        table.drop_column("work_order_id")
