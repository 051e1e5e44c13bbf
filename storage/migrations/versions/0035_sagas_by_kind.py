"""Sagas are found by their kind: services that rest until a day.

Revision ID: 0035
Revises: 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_saga_kind", "saga", ["kind", "state"])


def downgrade() -> None:
    op.drop_index("ix_saga_kind", "saga")
