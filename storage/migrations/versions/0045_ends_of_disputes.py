"""When a dispute was settled, by the word of its system or of a person.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

from storage.schema.columns import AUTO_ID, UtcInstant

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

HELD = sa.text("taken_back_at IS NULL")


def upgrade() -> None:
    op.add_column("dispute", sa.Column("closed_at", UtcInstant(), nullable=True))
    op.create_table(
        "dispute_end",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_object", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcInstant(), nullable=False),
        sa.Column("said_at", UtcInstant(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("taken_back_at", UtcInstant(), nullable=True),
        sa.Column("taken_back_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_end")),
    )
    op.create_index(
        "ix_dispute_end_held",
        "dispute_end",
        ["source_id", "source_object", "source_system", "opened_at"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )


def downgrade() -> None:
    op.drop_table("dispute_end")
    op.drop_column("dispute", "closed_at")
