"""What people did by hand, what was reported to them, and when work orders and visits began.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.record_tables import INSTANT, create_record_tables, drop_record_tables

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "touch": (
        "step text, action text, made_by text, actor text?, touched_at instant, order_number text?, "
        "work_order_id text?, account_number text?"
    ),
    "trouble_ticket": (
        "ticket_number text, account_number text?, kind text, opened_at instant, closed_at instant?, "
        "handled_minutes integer?"
    ),
}


def upgrade() -> None:
    create_record_tables(RECORDS)
    op.add_column("work_order", sa.Column("created_at", INSTANT, nullable=True))
    op.add_column("work_order_visit", sa.Column("dispatched_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("work_order_visit", "dispatched_at")
    op.drop_column("work_order", "created_at")
    drop_record_tables(RECORDS)
