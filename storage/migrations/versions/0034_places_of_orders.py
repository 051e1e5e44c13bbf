"""A place on a port is kept for an order, so that a service that moves holds two.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ONE_LINE = "ix_line_reservation_one_line"
HELD = sa.text("released_at IS NULL")


def upgrade() -> None:
    _one_line("market", "order_number")
    op.create_index("ix_line_reservation_service", "line_reservation", ["service_id"])


def downgrade() -> None:
    op.drop_index("ix_line_reservation_service", "line_reservation")
    _one_line("service_id")


def _one_line(*columns: str) -> None:
    op.drop_index(ONE_LINE, "line_reservation")
    op.create_index(
        ONE_LINE, "line_reservation", list(columns), unique=True, sqlite_where=HELD, postgresql_where=HELD
    )
