"""What people did by hand, what was reported to them, and when work orders and visits began.

Revision ID: 0018
Revises: 0017
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")

TYPES: dict[str, Any] = {"text": sa.Text(), "integer": sa.BigInteger(), "instant": INSTANT}

KEY = ["source_id", "source_object", "source_system"]
BEFORE = "market text, source_system text, source_object text, source_id text"
AFTER = "stream text, landed_id text, content_hash text, known_from instant, known_to instant"

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "touch": (
        "step text, action text, made_by text, actor text?, touched_at instant, order_number text?, "
        "work_order_id text?, account_number text?"
    ),
    "trouble_ticket": (
        "ticket_number text, account_number text?, kind text, opened_at instant, closed_at instant?, "
        "handled_minutes integer?"
    ),
}


def upgrade() -> None:
    for table, columns in RECORDS.items():
        op.create_table(
            table,
            *_columns(f"{BEFORE}, {columns}, {AFTER}"),
            sa.PrimaryKeyConstraint(*KEY, "known_to", name=f"pk_{table}"),
            sa.CheckConstraint("known_to > known_from", name=op.f(f"ck_{table}_known_for_some_time")),
        )
        op.create_index(f"ix_{table}_landed", table, ["landed_id", "stream", "source_system", "known_to"])
    op.add_column("work_order", sa.Column("created_at", INSTANT, nullable=True))
    op.add_column("work_order_visit", sa.Column("dispatched_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("work_order_visit", "dispatched_at")
    op.drop_column("work_order", "created_at")
    for table in reversed(RECORDS):
        op.drop_table(table)


def _columns(described: str) -> Iterator[sa.Column[Any]]:
    for each in described.split(", "):
        name, kind = each.split(" ")
        yield sa.Column(name, TYPES[kind.rstrip("?")], nullable=kind.endswith("?"))
