"""Which effect is due, and what holds it back: found without reading what is done.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

MOVES = sa.text("state IN ('queued', 'sending', 'unknown')")
HOLDS_BACK = sa.text("state IN ('queued', 'sending', 'unknown', 'refused', 'parked')")


def upgrade() -> None:
    op.create_index("ix_effect_due", "effect", ["due_at", "id"], sqlite_where=MOVES, postgresql_where=MOVES)
    op.create_index(
        "ix_effect_holding_back", "effect", ["subject", "id"], sqlite_where=HOLDS_BACK, postgresql_where=HOLDS_BACK
    )


def downgrade() -> None:
    op.drop_index("ix_effect_holding_back", "effect")
    op.drop_index("ix_effect_due", "effect")
