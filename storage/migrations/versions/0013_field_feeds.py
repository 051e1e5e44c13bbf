"""Devices in stock, tasks of completions, tests before a dispatch, and what contractors ask for.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

from storage.migrations.record_tables import (
    Identifiers,
    create_cross_reference,
    create_record_tables,
    drop_cross_reference,
    drop_record_tables,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "completion_task": "work_order_id text, code text, quantity integer",
    "service_test": "work_order_id text, tested_at instant?, verdict text",
    "stock_movement": (
        "serial text, kind text, model text?, movement text, moved_at instant, work_order_id text?"
    ),
    "supplier_invoice_line": (
        "invoice_id text, line_number integer, supplier text, work_order_id text, rate_code text, quantity integer, "
        "amount_minor integer, currency text, invoiced_on day"
    ),
}

# identifiers by which records of different systems are followed: entity, table, columns
IDENTIFIERS: Identifiers = (
    ("Customer", "customer", ("account_number",)),
    ("BillingAccount", "billing_account", ("account_number",)),
    ("ProductOrder", "product_order", ("account_number", "order_number")),
    ("ProductOrderItem", "product_order_item", ("order_number",)),
    ("PriceAlteration", "price_alteration", ("account_number",)),
    ("WorkOrder", "work_order", ("order_number",)),
    ("CompletionMaterial", "completion_material", ("serial",)),
    ("StockMovement", "stock_movement", ("serial",)),
    ("NetworkObservation", "network_observation", ("serial",)),
    ("NetworkEvent", "network_event", ("serial",)),
    ("AaaSession", "aaa_session", ("username",)),
    ("Subscription", "subscription", ("account_number",)),
    ("ChargeLine", "charge_line", ("account_number",)),
    ("CustomerBill", "customer_bill", ("account_number",)),
    ("Payment", "payment", ("account_number",)),
    ("Adjustment", "adjustment", ("account_number",)),
    ("Dispute", "dispute", ("account_number",)),
)


def upgrade() -> None:
    drop_cross_reference()
    create_record_tables(RECORDS)
    op.create_index("ix_stock_movement_serial", "stock_movement", ["serial"])
    create_cross_reference(IDENTIFIERS)


def downgrade() -> None:
    drop_cross_reference()
    drop_record_tables(RECORDS)
    create_cross_reference(IDENTIFIERS, without=RECORDS)
