"""What was learnt for matching as versions, questions by pattern, and answers given to many at once.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "identity_weights",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", INSTANT, nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "version", name="pk_identity_weights"),
    )
    op.create_table(
        "identity_batch",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_batch"),
    )
    op.add_column("identity_link", sa.Column("pattern", sa.Text(), nullable=False, server_default=""))
    op.add_column("identity_link", sa.Column("weights_version", sa.BigInteger()))
    op.create_index("ix_identity_link_pattern", "identity_link", ["pattern", "subject", "state"])
    op.add_column("identity_step", sa.Column("weights_version", sa.BigInteger()))
    op.add_column("identity_step", sa.Column("batch", sa.BigInteger()))
    op.create_index("ix_identity_step_batch", "identity_step", ["batch"])


def downgrade() -> None:
    op.drop_index("ix_identity_step_batch", "identity_step")
    op.drop_column("identity_step", "batch")
    op.drop_column("identity_step", "weights_version")
    op.drop_index("ix_identity_link_pattern", "identity_link")
    op.drop_column("identity_link", "weights_version")
    op.drop_column("identity_link", "pattern")
    for table in ("identity_batch", "identity_weights"):
        op.drop_table(table)
