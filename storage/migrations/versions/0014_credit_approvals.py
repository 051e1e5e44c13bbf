"""Credits that were approved in a customer's case.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

from storage.migrations.record_tables import (
    Identifiers,
    create_cross_reference,
    create_record_tables,
    drop_cross_reference,
    drop_record_tables,
)

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "credit_approval": "case_number text, account_number text, amount_minor integer, currency text, approved_on day",
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
    ("CreditApproval", "credit_approval", ("account_number",)),
)


def upgrade() -> None:
    drop_cross_reference()
    create_record_tables(RECORDS)
    op.create_index("ix_credit_approval_account_number", "credit_approval", ["account_number"])
    create_cross_reference(IDENTIFIERS)


def downgrade() -> None:
    drop_cross_reference()
    drop_record_tables(RECORDS)
    create_cross_reference(IDENTIFIERS, without=RECORDS)
