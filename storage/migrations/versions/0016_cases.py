"""Findings are worked as cases: state, journal, money run by run, remedies.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "finding_case",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("handoff", sa.Text()),
        sa.Column("dismissed_until", sa.Date()),
        sa.Column("written_off_minor", sa.BigInteger()),
        sa.Column("ended_by", sa.Text()),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("first_minor", "last_minor", "settled_minor", "events")
        ),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_finding_case"),
        sa.ForeignKeyConstraint(["fingerprint"], ["finding.fingerprint"], name="fk_finding_case_fingerprint"),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'acknowledged', 'in_remedy', 'recovered', 'refunded', 'written_off',"
            " 'dismissed', 'reopened', 'vanished')",
            name=op.f("ck_finding_case_state_is_known"),
        ),
        sa.CheckConstraint(
            "ended_by IN ('mended', 'out_of_window', 'past_limit')", name=op.f("ck_finding_case_ended_by_is_known")
        ),
    )
    op.create_index("ix_finding_case_market", "finding_case", ["market", "state"])

    op.create_table(
        "case_event",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "kind", "state", "why")),
        sa.Column("run_id", AUTO_ID),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("remedy", sa.BigInteger()),
        sa.PrimaryKeyConstraint("fingerprint", "number", name="pk_case_event"),
        sa.ForeignKeyConstraint(["fingerprint"], ["finding_case.fingerprint"], name="fk_case_event_fingerprint"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name="fk_case_event_run_id"),
    )

    op.create_table(
        "finding_amount",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("run_id", AUTO_ID, nullable=False),
        sa.Column("exposure_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "run_id", name="pk_finding_amount"),
        sa.ForeignKeyConstraint(["fingerprint"], ["finding.fingerprint"], name="fk_finding_amount_fingerprint"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name="fk_finding_amount_run_id"),
    )

    op.create_table(
        "remedy",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "state")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("amount_minor", "of_minor", "settled_minor", "revision")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("fields", "task", "proposed_by")),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_at", INSTANT),
        sa.Column("effect_id", AUTO_ID),
        sa.Column("came_minor", sa.BigInteger()),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "number", name="pk_remedy"),
        sa.ForeignKeyConstraint(["fingerprint"], ["finding_case.fingerprint"], name="fk_remedy_fingerprint"),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name="fk_remedy_effect_id"),
        sa.CheckConstraint(
            "kind IN ('backbill', 'credit', 'start_charge', 'stop_charge', 'price_correction', 'task')",
            name=op.f("ck_remedy_kind_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'sent', 'done', 'verified', 'withdrawn', 'failed')",
            name=op.f("ck_remedy_state_is_known"),
        ),
    )
    op.create_index("ix_remedy_state", "remedy", ["state"])
    _make_cases_of_findings()


def _make_cases_of_findings() -> None:
    """What was found before becomes cases; the journal says what is known of them."""
    op.execute(
        "INSERT INTO finding_case (fingerprint, market, state, ended_by, first_minor, last_minor, settled_minor,"
        " events, changed_at)"
        " SELECT f.fingerprint, f.market, f.status, CASE f.status WHEN 'vanished' THEN 'mended' END,"
        " f.exposure_minor, CASE f.status WHEN 'open' THEN f.exposure_minor ELSE 0 END, 0, 2, r.started_at"
        " FROM finding f JOIN reconciliation_run r ON r.id = f.last_seen_run"
    )
    said = "INSERT INTO case_event (fingerprint, number, at, actor, kind, state, why, run_id, amount_minor)"
    op.execute(
        f"{said} SELECT f.fingerprint, 1, r.started_at, 'run ' || r.id, 'found', 'new', '', r.id, NULL"
        " FROM finding f JOIN reconciliation_run r ON r.id = f.first_seen_run"
    )
    op.execute(
        f"{said} SELECT f.fingerprint, 2, r.started_at, 'run ' || r.id,"
        " CASE f.status WHEN 'open' THEN 'seen_again' ELSE 'gone' END, f.status,"
        " CASE f.status WHEN 'open' THEN '' ELSE 'not found by a run before cases were kept' END, r.id,"
        " f.exposure_minor"
        " FROM finding f JOIN reconciliation_run r ON r.id = f.last_seen_run"
    )
    op.execute(
        "INSERT INTO finding_amount (fingerprint, run_id, exposure_minor)"
        " SELECT fingerprint, last_seen_run, exposure_minor FROM finding"
    )


def downgrade() -> None:
    op.drop_index("ix_remedy_state", "remedy")
    op.drop_table("remedy")
    op.drop_table("finding_amount")
    op.drop_table("case_event")
    op.drop_index("ix_finding_case_market", "finding_case")
    op.drop_table("finding_case")
