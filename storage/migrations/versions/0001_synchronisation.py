"""Raw records, pulls, how far each stream came, and what was set aside.

Revision ID: 0001
Revises: none
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pull",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("landed", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("control_totals", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pull"),
        sa.CheckConstraint(
            "outcome IN ('running', 'succeeded', 'failed', 'stopped', 'superseded')",
            name=op.f("ck_pull_outcome_is_known"),
        ),
    )
    op.create_index("ix_pull_system_stream", "pull", ["system", "stream", "id"])

    op.create_table(
        "stream_state",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("pull_id", AUTO_ID, nullable=False),
        sa.Column("resume_point", sa.Text()),
        sa.Column("source_total", sa.BigInteger()),
        sa.Column("entities", sa.Text(), nullable=False),
        sa.Column("known_at", INSTANT),
        sa.Column("last_event_at", INSTANT),
        sa.Column("last_success_at", INSTANT),
        sa.PrimaryKeyConstraint("system", "stream", name="pk_stream_state"),
        sa.ForeignKeyConstraint(["pull_id"], ["pull.id"], name="fk_stream_state_pull_id"),
    )

    op.create_table(
        "landing",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("landed_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("change_order", sa.BigInteger()),
        sa.Column("pull_id", AUTO_ID, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("known_from", INSTANT, nullable=False),
        sa.Column("known_to", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("landed_id", "stream", "system", "known_to", name="pk_landing"),
        sa.CheckConstraint("known_to > known_from", name=op.f("ck_landing_known_for_some_time")),
    )

    op.create_table(
        "quarantine",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("landed_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expectation", sa.Text()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("pull_id", AUTO_ID, nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("released_at", INSTANT),
        sa.PrimaryKeyConstraint("landed_id", "stream", "system", name="pk_quarantine"),
        sa.ForeignKeyConstraint(["pull_id"], ["pull.id"], name="fk_quarantine_pull_id"),
    )


def downgrade() -> None:
    for table in ("quarantine", "landing", "stream_state", "pull"):
        op.drop_table(table)
