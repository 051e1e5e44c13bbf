"""What the network showed to be wrong, and what was done about it.

Revision ID: 0032
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "network_incident",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("effect_key", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_network_incident"),
        sa.CheckConstraint(
            "action IN ('crew', 'remote', 'contact', 'wait')", name=op.f("ck_network_incident_action_is_known")
        ),
    )
    op.create_index("ix_network_incident_market", "network_incident", ["market", "closed_at"])
    op.create_index(
        "ix_network_incident_one_open",
        "network_incident",
        ["market", "family", "kind", "member"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("network_incident")
