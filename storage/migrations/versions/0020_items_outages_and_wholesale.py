"""Items on no bill yet, outages, reservations, and lines that other providers sell.

Revision ID: 0020
Revises: 0019
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")

TYPES: dict[str, Any] = {"text": sa.Text(), "integer": sa.BigInteger(), "day": sa.Date(), "instant": INSTANT}

KEY = ["source_id", "source_object", "source_system"]
BEFORE = "market text, source_system text, source_object text, source_id text"
AFTER = "stream text, landed_id text, content_hash text, known_from instant, known_to instant"

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
IDENTIFIERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
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
    op.execute("DROP VIEW cross_reference")
    for table, columns in RECORDS.items():
        op.create_table(
            table,
            *_columns(f"{BEFORE}, {columns}, {AFTER}"),
            sa.PrimaryKeyConstraint(*KEY, "known_to", name=f"pk_{table}"),
            sa.CheckConstraint("known_to > known_from", name=op.f(f"ck_{table}_known_for_some_time")),
        )
        op.create_index(f"ix_{table}_landed", table, ["landed_id", "stream", "source_system", "known_to"])
        op.create_index(f"ix_{table}_known", table, ["known_to", "known_from"])
    for table, identifier in FOLLOWED.items():
        op.create_index(f"ix_{table}_{identifier}", table, [identifier])
    op.execute("CREATE VIEW cross_reference AS " + " UNION ALL ".join(_arms(IDENTIFIERS)))


def downgrade() -> None:
    op.execute("DROP VIEW cross_reference")
    for table in reversed(RECORDS):
        op.drop_table(table)
    before = tuple(each for each in IDENTIFIERS if each[1] not in RECORDS)
    op.execute("CREATE VIEW cross_reference AS " + " UNION ALL ".join(_arms(before)))


def _columns(described: str) -> Iterator[sa.Column[Any]]:
    for each in described.split(", "):
        name, kind = each.split(" ")
        yield sa.Column(name, TYPES[kind.rstrip("?")], nullable=kind.endswith("?"))


def _arms(identifiers_of: tuple[tuple[str, str, tuple[str, ...]], ...]) -> Iterator[str]:
    for entity, table, identifiers in identifiers_of:
        for identifier in identifiers:
            yield (
                f"SELECT '{identifier}' AS kind, {identifier} AS value, '{entity}' AS entity, market, "
                f"source_system, source_object, source_id, known_from, known_to FROM {table}"
            )
