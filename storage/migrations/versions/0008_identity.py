"""What customers are told apart by, and links between records of one customer or premise, with every step of each.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = ("email", "phone", "address", "unit", "city", "postal_code")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("customer", sa.Column(name, sa.Text()))
    op.add_column("customer", sa.Column("birth_date", sa.Date()))

    op.create_table(
        "identity_link",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        *(
            sa.Column(f"{side}_{part}", sa.Text(), nullable=False)
            for side in ("left", "right")
            for part in ("system", "object", "id")
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double()),
        sa.Column("weight", sa.Double()),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("settings_version", sa.BigInteger(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", INSTANT),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_identity_link"),
        sa.CheckConstraint(
            "state IN ('linked', 'review', 'apart', 'lapsed')", name=op.f("ck_identity_link_state_is_known")
        ),
        sa.CheckConstraint("basis IN ('key', 'score')", name=op.f("ck_identity_link_basis_is_known")),
    )
    op.create_index(
        "ix_identity_link_pair",
        "identity_link",
        ["left_id", "right_id", "left_object", "right_object", "left_system", "right_system", "subject"],
        unique=True,
    )
    op.create_index("ix_identity_link_right", "identity_link", ["right_id", "right_object", "right_system"])
    op.create_index("ix_identity_link_state", "identity_link", ["state", "subject", "id"])

    op.create_table(
        "identity_step",
        sa.Column("link_id", AUTO_ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double()),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("settings_version", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("link_id", "number", name="pk_identity_step"),
        sa.ForeignKeyConstraint(["link_id"], ["identity_link.id"], name="fk_identity_step_link_id"),
        sa.CheckConstraint(
            "step IN ('found', 'changed', 'lapsed', 'accept', 'reject', 'undo')",
            name=op.f("ck_identity_step_step_is_known"),
        ),
    )


def downgrade() -> None:
    for table in ("identity_step", "identity_link"):
        op.drop_table(table)
    for name in (*TEXTS, "birth_date"):
        op.drop_column("customer", name)
