"""The plant as its inventory lists it; a reservation knows its terminal and leg; orders that cannot be made ready.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.record_tables import INSTANT, create_record_tables, drop_record_tables

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

HELD = sa.text("released_at IS NULL")
LEG = "ix_line_reservation_one_leg"

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "access_terminal": "terminal text, hub text?, element text, port text, technology text, capacity integer,"
    " used integer?, port_capacity integer?, pon_mode text?, odn_class text?, ready_on day?,"
    " observed_at instant?"
}


def upgrade() -> None:
    create_record_tables(RECORDS)
    op.create_index("ix_access_terminal_known", "access_terminal", ["known_to", "known_from"])
    op.add_column("line_reservation", sa.Column("terminal", sa.Text()))
    op.add_column("line_reservation", sa.Column("leg", sa.BigInteger()))
    op.create_index(
        LEG,
        "line_reservation",
        ["market", "terminal", "element", "port", "leg"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    op.create_table(
        "readiness_hold",
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("market", "order_number", name="pk_readiness_hold"),
    )


def downgrade() -> None:
    op.drop_table("readiness_hold")
    op.drop_index(LEG, "line_reservation")
    with op.batch_alter_table("line_reservation") as table:
        table.drop_column("leg")
        table.drop_column("terminal")
    drop_record_tables(RECORDS)
