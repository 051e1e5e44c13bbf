"""Accounts that are moved between billing systems, their balances, and jobs that were switched off for them.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

from storage.migrations.record_tables import (
    Identifiers,
    create_cross_reference,
    create_record_tables,
    drop_cross_reference,
    drop_record_tables,
)

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "account_cut_over": (
        "account_number text, wave text, legacy_system text, target_system text, cut_over_on day, serial text?"
    ),
    "account_balance": "account_number text, balance_type text, amount_minor integer, currency text, as_of day",
    "job_pause": "job text, wave text, paused_from day, paused_to day?",
}
INDEXED = (("account_cut_over", "account_number"), ("account_cut_over", "serial"), ("account_balance", "account_number"))

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
    ("PartnerCharge", "partner_charge", ("account_number",)),
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
    ("AccountCutOver", "account_cut_over", ("account_number", "serial")),
    ("AccountBalance", "account_balance", ("account_number",)),
)


def upgrade() -> None:
    drop_cross_reference()
    create_record_tables(RECORDS)
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    create_cross_reference(IDENTIFIERS)


def downgrade() -> None:
    drop_cross_reference()
    drop_record_tables(RECORDS)
    create_cross_reference(IDENTIFIERS, without=RECORDS)
