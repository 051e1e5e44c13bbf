"""Effects are found by their market: what the hub did lately, as the guard looks at it.

Revision ID: 0040
Revises: 0039
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_effect_market", "effect", ["market", "changed_at"])


def downgrade() -> None:
    op.drop_index("ix_effect_market", "effect")
