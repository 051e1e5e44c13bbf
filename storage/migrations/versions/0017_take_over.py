"""Accounts that are moved between billing systems, their balances, and jobs that were switched off for them.

Revision ID: 0017
Revises: 0016
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0017"
down_revision = "0016"
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
    "account_cut_over": (
        "account_number text, wave text, legacy_system text, target_system text, cut_over_on day, serial text?"
    ),
    "account_balance": "account_number text, balance_type text, amount_minor integer, currency text, as_of day",
    "job_pause": "job text, wave text, paused_from day, paused_to day?",
}
INDEXED = (("account_cut_over", "account_number"), ("account_cut_over", "serial"), ("account_balance", "account_number"))

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
    op.execute("DROP VIEW cross_reference")
    for table, columns in RECORDS.items():
        op.create_table(
            table,
            *_columns(f"{BEFORE}, {columns}, {AFTER}"),
            sa.PrimaryKeyConstraint(*KEY, "known_to", name=f"pk_{table}"),
            sa.CheckConstraint("known_to > known_from", name=op.f(f"ck_{table}_known_for_some_time")),
        )
        op.create_index(f"ix_{table}_landed", table, ["landed_id", "stream", "source_system", "known_to"])
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])
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
