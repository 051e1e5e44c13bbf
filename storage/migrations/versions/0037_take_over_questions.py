"""Steps of a take-over that wait for a person, and what was answered.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

from storage.schema.columns import AUTO_ID, UtcInstant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "takeover_question",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("verdict_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reminded_at", UtcInstant(), nullable=True),
        sa.Column("answered_at", UtcInstant(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'stayed', 'lapsed')", name=op.f("ck_takeover_question_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takeover_question")),
    )
    op.create_index(
        "ix_takeover_question_open",
        "takeover_question",
        ["market", "handoff"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("takeover_question")
