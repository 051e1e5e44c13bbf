"""Runs, what they found, what they could not judge; and the audit trail.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("snapshot_path", sa.Text(), nullable=False),
        sa.Column("manifest_checksum", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("compared", sa.BigInteger()),
        sa.Column("billed_minor", sa.BigInteger()),
        sa.Column("rule_outcomes", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliation_run"),
        sa.CheckConstraint(
            "outcome IN ('running', 'succeeded', 'failed', 'stopped')",
            name=op.f("ck_reconciliation_run_outcome_is_known"),
        ),
    )
    op.create_index("ix_reconciliation_run_market", "reconciliation_run", ["market", "id"])

    op.create_table(
        "finding",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("exposure_class", sa.Text(), nullable=False),
        sa.Column("exposure_minor", sa.BigInteger(), nullable=False),
        sa.Column("run_rate_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("evidence_from", sa.Date(), nullable=False),
        sa.Column("evidence_to", sa.Date(), nullable=False),
        sa.Column("explained_by", sa.Text()),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("first_seen_run", AUTO_ID, nullable=False),
        sa.Column("last_seen_run", AUTO_ID, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_finding"),
        sa.ForeignKeyConstraint(
            ["first_seen_run"], ["reconciliation_run.id"], name="fk_finding_first_seen_run"
        ),
        sa.ForeignKeyConstraint(["last_seen_run"], ["reconciliation_run.id"], name="fk_finding_last_seen_run"),
        sa.CheckConstraint("status IN ('open', 'vanished')", name=op.f("ck_finding_status_is_known")),
    )
    op.create_index("ix_finding_market", "finding", ["market", "status"])

    op.create_table(
        "finding_line",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("billed_minor", sa.BigInteger(), nullable=False),
        sa.Column("exposure_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "position", name="pk_finding_line"),
        sa.ForeignKeyConstraint(
            ["fingerprint"], ["finding.fingerprint"], name="fk_finding_line_fingerprint", ondelete="CASCADE"
        ),
    )

    op.create_table(
        "not_judged",
        sa.Column("run_id", AUTO_ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_not_judged"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name="fk_not_judged_run_id"),
    )

    op.create_table(
        "audit",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])


def downgrade() -> None:
    for table in ("audit", "not_judged", "finding_line", "finding", "reconciliation_run"):
        op.drop_table(table)
