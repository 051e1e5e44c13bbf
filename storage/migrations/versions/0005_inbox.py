"""The inbox: events that other systems sent, and copies that contradict them.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("signed_at", INSTANT),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.CheckConstraint("state IN ('received', 'taken', 'rejected')", name=op.f("ck_inbox_state_is_known")),
    )
    op.create_index("ix_inbox_event", "inbox", ["system", "stream", "event_id"], unique=True)
    op.create_index("ix_inbox_state", "inbox", ["state", "system", "stream", "id"])
    op.create_index("ix_inbox_settled_at", "inbox", ["settled_at"])

    op.create_table(
        "inbox_conflict",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("signed_at", INSTANT),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "stream", "system", "digest", name="pk_inbox_conflict"),
    )


def downgrade() -> None:
    for table in ("inbox_conflict", "inbox"):
        op.drop_table(table)
