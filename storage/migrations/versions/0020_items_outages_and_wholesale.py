"""Items on no bill yet, outages, reservations, and lines that other providers sell.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

from storage.migrations.record_tables import (
    Identifiers,
    create_cross_reference,
    create_record_tables,
    drop_cross_reference,
    drop_record_tables,
)

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "billing_item": (
        "item_id text, account_number text?, subscription_id text?, billing_code text, amount_minor integer, "
        "currency text, created_on day, state text"
    ),
    "outage": "outage_id text, element text, port text?, started_at instant, ended_at instant?",
    "resource_reservation": (
        "resource_id text, kind text, order_number text, reserved_on day, released_on day?"
    ),
    "wholesale_line": (
        "line_id text, retailer text, offering_id text, serial text, active_from day, active_to day?"
    ),
    "wholesale_charge": (
        "invoice_id text, line_number integer, retailer text, line_id text, covers_from day, covers_to day, "
        "amount_minor integer, currency text, invoiced_on day"
    ),
}
FOLLOWED = {"billing_item": "account_number", "resource_reservation": "order_number", "wholesale_line": "serial"}

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
    ("Subscription", "subscription", ("account_number",)),
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
    for table in RECORDS:
        op.create_index(f"ix_{table}_known", table, ["known_to", "known_from"])
    for table, identifier in FOLLOWED.items():
        op.create_index(f"ix_{table}_{identifier}", table, [identifier])
    create_cross_reference(IDENTIFIERS)


def downgrade() -> None:
    drop_cross_reference()
    drop_record_tables(RECORDS)
    create_cross_reference(IDENTIFIERS, without=RECORDS)
