"""What persons were asked about waves of an acquisition, and when customers were compared last.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

from storage.schema.columns import AUTO_ID, UtcInstant

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wave_question",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("wave", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("as_of", UtcInstant(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reminded_at", UtcInstant(), nullable=True),
        sa.Column("answered_at", UtcInstant(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("phase IN ('begin', 'sign_off')", name=op.f("ck_wave_question_phase_is_known")),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'stayed', 'lapsed')", name=op.f("ck_wave_question_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_question")),
    )
    op.create_index(
        "ix_wave_question_open",
        "wave_question",
        ["market"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_wave_question_approved",
        "wave_question",
        ["market", "wave", "phase"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "identity_run",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("matched_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_identity_run")),
    )


def downgrade() -> None:
    op.drop_table("identity_run")
    op.drop_table("wave_question")
