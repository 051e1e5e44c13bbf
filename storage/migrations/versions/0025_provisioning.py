"""What is under way for each service in the network, every step of it, and what is kept for whom.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDER_WAY = sa.text("state IN ('running', 'held', 'undoing')")
HELD = sa.text("released_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "saga",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("proposal", sa.Text()),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("step_began_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", INSTANT),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saga"),
        sa.CheckConstraint(
            "state IN ('running', 'held', 'undoing', 'undone', 'done')", name=op.f("ck_saga_state_is_known")
        ),
    )
    op.create_index("ix_saga_key", "saga", ["key"], unique=True)
    op.create_index("ix_saga_state", "saga", ["state", "due_at"])
    op.create_index("ix_saga_service", "saga", ["service_id", "id"])
    op.create_index("ix_saga_order", "saga", ["order_number"])
    op.create_index(
        "ix_saga_one_at_a_time",
        "saga",
        ["service_id"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_table(
        "saga_step",
        sa.Column("saga_id", AUTO_ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("change", sa.Text()),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("saga_id", "number", name="pk_saga_step"),
        sa.ForeignKeyConstraint(["saga_id"], ["saga.id"], name="fk_saga_step_saga_id"),
        sa.CheckConstraint(
            "event IN ('began', 'intended', 'passed', 'waited', 'held', 'failed', 'undone', 'decided', 'lapsed',"
            " 'ended')",
            name=op.f("ck_saga_step_event_is_known"),
        ),
    )
    op.create_table(
        "line_reservation",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("onu_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("reserved_at", INSTANT, nullable=False),
        sa.Column("released_at", INSTANT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_reservation"),
    )
    for name, columns in (
        ("ix_line_reservation_one_holder", ["element", "port", "onu_id"]),
        ("ix_line_reservation_one_line", ["service_id"]),
    ):
        op.create_index(
            name, "line_reservation", columns, unique=True, sqlite_where=HELD, postgresql_where=HELD
        )
    op.create_table(
        "device_allocation",
        sa.Column("id", AUTO_ID, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("allocated_at", INSTANT, nullable=False),
        sa.Column("released_at", INSTANT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_device_allocation"),
    )
    for name, columns in (
        ("ix_device_allocation_one_holder", ["serial"]),
        ("ix_device_allocation_one_device", ["order_number", "kind"]),
    ):
        op.create_index(
            name, "device_allocation", columns, unique=True, sqlite_where=HELD, postgresql_where=HELD
        )


def downgrade() -> None:
    for table in ("device_allocation", "line_reservation", "saga_step", "saga"):
        op.drop_table(table)
