"""What changed since a moment is found by an index: an incremental run reads that and nothing else.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    "premise",
    "customer",
    "billing_account",
    "product_order",
    "product_order_item",
    "price_alteration",
    "work_order",
    "work_order_visit",
    "field_completion",
    "completion_material",
    "completion_task",
    "completion_photo",
    "completion_test",
    "service_test",
    "stock_movement",
    "supplier_invoice_line",
    "partner_charge",
    "network_observation",
    "network_event",
    "aaa_session",
    "subscription",
    "suspension_period",
    "charge_line",
    "customer_bill",
    "payment",
    "adjustment",
    "dispute",
    "credit_approval",
    "account_cut_over",
    "account_balance",
    "job_pause",
    "touch",
    "trouble_ticket",
)


def upgrade() -> None:
    for table in TABLES:
        op.create_index(f"ix_{table}_known", table, ["known_to", "known_from"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_known", table)
