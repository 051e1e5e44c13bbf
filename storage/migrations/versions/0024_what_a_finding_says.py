"""A digest of what each finding says, so that a run leaves those alone that say what they said.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # none for findings of before: the next run that sees them writes them once more
    op.add_column("finding", sa.Column("digest", sa.Text()))


def downgrade() -> None:
    with op.batch_alter_table("finding") as batch:
        batch.drop_column("digest")
