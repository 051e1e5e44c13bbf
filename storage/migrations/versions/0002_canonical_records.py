"""One table for each canonical entity with its history, and the view of their cross references.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")

TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "integer": sa.BigInteger(),
    "boolean": sa.Boolean(),
    "real": sa.Double(),
    "day": sa.Date(),
    "instant": INSTANT,
}

KEY = ["source_id", "source_object", "source_system"]
BEFORE = "market text, source_system text, source_object text, source_id text"
AFTER = "stream text, landed_id text, content_hash text, known_from instant, known_to instant"

# columns of each entity; a question mark where a value may be missing
RECORDS = {
    "premise": (
        "address text, unit text?, city text?, postal_code text?, latitude real?, longitude real?, "
        "serviceability text, hub text?, terminal text?"
    ),
    "customer": "account_number text, name text, segment text",
    "billing_account": "account_number text, segment text",
    "product_order": (
        "order_number text, account_number text, order_type text, state text, offering_id text?, "
        "promotion_code text?, premise_id text?, install_fee_waived boolean, ordered_at instant?, "
        "effective_on day?, completed_at instant?"
    ),
    "product_order_item": "order_number text, product_id text, action text, quantity integer",
    "price_alteration": (
        "account_number text, kind text, code text?, amount_minor integer?, valid_from day, valid_to day?, "
        "approved_by text?"
    ),
    "work_order": (
        "work_order_id text, order_number text, work_type text, state text, scheduled_for instant?, "
        "expected_serial text?"
    ),
    "work_order_visit": (
        "work_order_id text, visit_number integer, scheduled_start instant?, arrived_at instant?, "
        "left_at instant?, outcome text, cause text?"
    ),
    "field_completion": (
        "work_order_id text, completed_at instant, received_at instant?, installed_offering_id text?, "
        "technician text?, crew text?, latitude real?, longitude real?, checklist_complete boolean?, notes text?"
    ),
    "completion_material": "work_order_id text, kind text, serial text, ownership text",
    "completion_photo": "work_order_id text, subject text, taken_at instant?",
    "completion_test": "work_order_id text, name text, value real?, unit text?, passed boolean?",
    "network_observation": (
        "serial text, element text, port text?, observed_at instant, operational_state text, "
        "administrative_state text, profile text?, registered_since instant?, profile_since instant?, "
        "last_traffic_at instant?, optical_dbm real?, optical_side text?, optical_raw integer?, "
        "optical_raw_unit text?, optical_resolution_db real?"
    ),
    "subscription": (
        "subscription_id text, account_number text, billing_code text, state text, starts_on day, ends_on day?"
    ),
    "suspension_period": "subscription_id text, starts_on day, ends_on day?",
    "charge_line": (
        "account_number text, subscription_id text?, bill_id text?, billing_code text, description text?, "
        "rate_minor integer, amount_minor integer, currency text, covers_from day, covers_to day, billed_on day"
    ),
    "customer_bill": (
        "bill_id text, account_number text, period_from day, period_to day, billed_on day, state text, "
        "total_minor integer, currency text"
    ),
    "payment": "account_number text, amount_minor integer, currency text, received_on day, bill_id text?",
    "adjustment": "account_number text, amount_minor integer, currency text, reason text?, posted_on day",
    "dispute": (
        "account_number text, bill_id text?, amount_minor integer?, opened_at instant, reason text?"
    ),
}

# identifiers by which records of different systems are followed: entity, table, columns
IDENTIFIERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Customer", "customer", ("account_number",)),
    ("BillingAccount", "billing_account", ("account_number",)),
    ("ProductOrder", "product_order", ("account_number", "order_number")),
    ("ProductOrderItem", "product_order_item", ("order_number",)),
    ("PriceAlteration", "price_alteration", ("account_number",)),
    ("WorkOrder", "work_order", ("order_number",)),
    ("CompletionMaterial", "completion_material", ("serial",)),
    ("NetworkObservation", "network_observation", ("serial",)),
    ("Subscription", "subscription", ("account_number",)),
    ("ChargeLine", "charge_line", ("account_number",)),
    ("CustomerBill", "customer_bill", ("account_number",)),
    ("Payment", "payment", ("account_number",)),
    ("Adjustment", "adjustment", ("account_number",)),
    ("Dispute", "dispute", ("account_number",)),
)


def upgrade() -> None:
    for table, columns in RECORDS.items():
        op.create_table(
            table,
            *_columns(f"{BEFORE}, {columns}, {AFTER}"),
            sa.PrimaryKeyConstraint(*KEY, "known_to", name=f"pk_{table}"),
            sa.CheckConstraint("known_to > known_from", name=op.f(f"ck_{table}_known_for_some_time")),
        )
        op.create_index(f"ix_{table}_landed", table, ["landed_id", "stream", "source_system", "known_to"])
    for _, table, identifiers in IDENTIFIERS:
        for identifier in identifiers:
            op.create_index(f"ix_{table}_{identifier}", table, [identifier])
    op.execute("CREATE VIEW cross_reference AS " + " UNION ALL ".join(_arms()))


def downgrade() -> None:
    op.execute("DROP VIEW cross_reference")
    for table in reversed(RECORDS):
        op.drop_table(table)


def _columns(described: str) -> Iterator[sa.Column[Any]]:
    for each in described.split(", "):
        name, kind = each.split(" ")
        yield sa.Column(name, TYPES[kind.rstrip("?")], nullable=kind.endswith("?"))


def _arms() -> Iterator[str]:
    for entity, table, identifiers in IDENTIFIERS:
        for identifier in identifiers:
            yield (
                f"SELECT '{identifier}' AS kind, {identifier} AS value, '{entity}' AS entity, market, "
                f"source_system, source_object, source_id, known_from, known_to FROM {table}"
            )
