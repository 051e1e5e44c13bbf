"""The journal of effects on other systems, and every step of each.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "effect",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("write", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sends", sa.BigInteger(), nullable=False),
        sa.Column("looks", sa.BigInteger(), nullable=False),
        sa.Column("shown_before", sa.Text()),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", INSTANT),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("enqueued_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_effect"),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'unknown', 'done', 'refused', 'parked', 'discarded')",
            name=op.f("ck_effect_state_is_known"),
        ),
        sa.CheckConstraint(
            "told IN ('nothing', 'acknowledged', 'accepted', 'refused', 'unknown')",
            name=op.f("ck_effect_told_is_known"),
        ),
    )
    op.create_index("ix_effect_key", "effect", ["idempotency_key"], unique=True)
    op.create_index("ix_effect_state", "effect", ["state", "due_at"])
    op.create_index("ix_effect_subject", "effect", ["subject", "id"])

    op.create_table(
        "effect_step",
        sa.Column("effect_id", AUTO_ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told", sa.Text()),
        sa.Column("sight", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("effect_id", "number", name="pk_effect_step"),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name="fk_effect_step_effect_id"),
        sa.CheckConstraint(
            "step IN ('enqueued', 'sending', 'sent', 'looked', 'lapsed', 'withheld', 'retried', 'discarded')",
            name=op.f("ck_effect_step_step_is_known"),
        ),
    )


def downgrade() -> None:
    for table in ("effect_step", "effect"):
        op.drop_table(table)
