"""What the network tells by itself: events of subscriber devices, and sessions as they are accounted for.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

from storage.migrations.record_tables import (
    Identifiers,
    create_cross_reference,
    create_record_tables,
    drop_cross_reference,
    drop_record_tables,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "network_event": "serial text, element text, port text?, kind text, occurred_at instant",
    "aaa_session": (
        "session_id text, username text, element text?, port text?, calling_station text?, framed_address text?, "
        "started_at instant?, updated_at instant, ended_at instant?, end_cause text?, input_octets integer?, "
        "output_octets integer?"
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
    op.create_index("ix_network_event_serial", "network_event", ["serial"])
    op.create_index("ix_aaa_session_username", "aaa_session", ["username"])
    create_cross_reference(IDENTIFIERS)


def downgrade() -> None:
    drop_cross_reference()
    drop_record_tables(RECORDS)
    create_cross_reference(IDENTIFIERS, without=RECORDS)
