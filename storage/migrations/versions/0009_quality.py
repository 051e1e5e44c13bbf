"""Results of each pull's expectations, and what a record in quarantine waits for.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("waits_for", sa.Text()))
    op.create_index(
        "ix_quarantine_waiting",
        "quarantine",
        ["system", "stream", "landed_id"],
        sqlite_where=sa.text("waits_for IS NOT NULL"),
        postgresql_where=sa.text("waits_for IS NOT NULL"),
    )

    op.create_table(
        "quality_result",
        sa.Column("pull_id", AUTO_ID, nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("entity", "name", "market", "kind", "severity", "unit")
        ),
        sa.Column("evaluated", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("observed", "sample", "verdict", "version")),
        sa.PrimaryKeyConstraint("pull_id", "entity", "name", "market", name="pk_quality_result"),
        sa.ForeignKeyConstraint(["pull_id"], ["pull.id"], name="fk_quality_result_pull_id"),
        sa.CheckConstraint(
            "severity IN ('critical', 'warning')", name=op.f("ck_quality_result_severity_is_known")
        ),
        sa.CheckConstraint("unit IN ('records', 'pages', 'pulls')", name=op.f("ck_quality_result_unit_is_known")),
        sa.CheckConstraint(
            "verdict IN ('not_judged', 'passed', 'told', 'set_aside', 'stopped')",
            name=op.f("ck_quality_result_verdict_is_known"),
        ),
    )
    op.create_index("ix_quality_result_stream", "quality_result", ["system", "stream", "began_at"])


def downgrade() -> None:
    op.drop_table("quality_result")
    op.drop_index("ix_quarantine_waiting", "quarantine")
    op.drop_column("quarantine", "waits_for")
