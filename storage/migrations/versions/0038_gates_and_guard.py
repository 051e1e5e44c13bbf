"""What gates came to, each pass of the guard, the clocks of gates, and what is paused for a take-over.

Revision ID: 0038
Revises: 0037
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "gate_verdict",
        sa.Column("id", AUTO_ID, nullable=False),
        *_texts("market", "handoff", "from_stage", "to_stage", "result", "lines", "versions"),
        sa.Column("clock_since", INSTANT, nullable=False),
        sa.Column("measured_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gate_verdict"),
        sa.CheckConstraint(
            "result IN ('pass', 'fail', 'inconclusive')", name=op.f("ck_gate_verdict_result_is_known")
        ),
    )
    op.create_index("ix_gate_verdict_gate", "gate_verdict", ["market", "handoff", "id"])
    op.create_table(
        "gate_clock",
        sa.Column("id", AUTO_ID, nullable=False),
        *_texts("market", "handoff", "versions", "parts"),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gate_clock"),
    )
    op.create_index("ix_gate_clock_handoff", "gate_clock", ["market", "handoff", "id"])
    op.create_table(
        "guard_pass",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("works", sa.Text(), nullable=True),
        *_texts("trips", "done", "missed"),
        sa.PrimaryKeyConstraint("id", name="pk_guard_pass"),
    )
    op.create_index("ix_guard_pass_market", "guard_pass", ["market", "id"])
    op.create_table(
        "frozen_job",
        sa.Column("id", AUTO_ID, nullable=False),
        *_texts("market", "name", "owner", "why"),
        sa.Column("paused_at", INSTANT, nullable=False),
        sa.Column("resume_by", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_frozen_job"),
        sa.CheckConstraint("resume_by > paused_at", name=op.f("ck_frozen_job_ends_some_day")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_frozen_job_open",
        "frozen_job",
        ["market", "name"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_saga_market", "saga", ["market", "changed_at"])


def downgrade() -> None:
    op.drop_index("ix_saga_market", "saga")
    op.drop_table("frozen_job")
    op.drop_table("guard_pass")
    op.drop_table("gate_clock")
    op.drop_table("gate_verdict")
