"""How far each hand-off is taken over, who acts on which work, and who acted beside.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

from storage.schema.columns import AUTO_ID, UtcInstant

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "takeover_move",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("verdict_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "stage IN ('observe', 'shadow', 'canary', 'active', 'legacy_retired')",
            name=op.f("ck_takeover_move_stage_is_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('promoted', 'widened', 'narrowed', 'held', 'released', 'given_back', 'rolled_back')",
            name=op.f("ck_takeover_move_kind_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takeover_move")),
    )
    op.create_index("ix_takeover_move_number", "takeover_move", ["market", "handoff", "number"], unique=True)
    op.create_table(
        "work_path",
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("began_at", UtcInstant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("writer IN ('legacy', 'hub')", name=op.f("ck_work_path_writer_is_known")),
        sa.PrimaryKeyConstraint("market", "handoff", "work", name=op.f("pk_work_path")),
    )
    op.create_index("ix_work_path_writer", "work_path", ["market", "handoff", "writer", "began_at"])
    op.create_table(
        "writer_lease",
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", UtcInstant(), nullable=False),
        sa.Column("until", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("market", "handoff", name=op.f("pk_writer_lease")),
    )
    op.create_table(
        "foreign_write",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("handoff", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("found_at", UtcInstant(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('legacy_keeps', 'hub_keeps', 'harmless')", name=op.f("ck_foreign_write_decision_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_write")),
    )
    op.create_index(
        "ix_foreign_write_thing", "foreign_write", ["market", "handoff", "work", "kind", "thing"], unique=True
    )
    op.add_column("effect", sa.Column("work", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("effect", "work")
    for table in ("foreign_write", "writer_lease", "work_path", "takeover_move"):
        op.drop_table(table)
