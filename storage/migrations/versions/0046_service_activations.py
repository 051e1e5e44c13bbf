"""Since when what an order asked for was shown to work.

Revision ID: 0046
Revises: 0045
"""

from alembic import op

from storage.migrations.record_tables import (
    Identifiers,
    create_cross_reference,
    create_record_tables,
    drop_cross_reference,
    drop_record_tables,
)

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {"service_activation": "order_number text, works_since instant"}

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
    ("WholesaleLine", "wholesale_line", ("serial",)),
    ("ResourceReservation", "resource_reservation", ("order_number",)),
    ("NetworkObservation", "network_observation", ("serial",)),
    ("NetworkEvent", "network_event", ("serial",)),
    ("AaaSession", "aaa_session", ("username",)),
    ("ServiceActivation", "service_activation", ("order_number",)),
    ("Subscription", "subscription", ("account_number",)),
    ("BillingCycle", "billing_cycle", ("account_number",)),
    ("ChargeLine", "charge_line", ("account_number",)),
    ("BillingItem", "billing_item", ("account_number",)),
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
    op.create_index("ix_service_activation_known", "service_activation", ["known_to", "known_from"])
    op.create_index("ix_service_activation_order_number", "service_activation", ["order_number"])
    create_cross_reference(IDENTIFIERS)


def downgrade() -> None:
    drop_cross_reference()
    drop_record_tables(RECORDS)
    create_cross_reference(IDENTIFIERS, without=RECORDS)
