"""Which tables a snapshot holds, and how each is cut into buckets."""

import re

DIMENSIONS = (
    "period",
    "billing_period",
    "billing_rate",
    "charge",
    "product",
    "promotion",
    "bundle",
    "rate",
    "product_part",
    "cost",
    "not_judged",
)
"""Small tables, whole in every bucket."""

SERVICE_TABLES = (
    "service",
    "delivered",
    "billed",
    "one_time",
    "entitled",
    "own_price",
    "hold",
    "crossed",
    "kept_cut",
    "hold_use",
    "ineligible",
    "move",
    "device_return",
    "unknown_line",
    "awaited",
    "correction",
    "moved_service",
    "moved_bill",
    "expiry_pause",
    "disconnection_pause",
)
"""Tables bucketed by service."""

SERIAL_TABLES = ("device_state", "shared_charge", "stock_item", "in_stock")
"""Tables bucketed by device serial, rows without an account included."""

DOCUMENT_TABLES = (
    "order_stage",
    "work_order_stage",
    "bill_stage",
    "bill_pattern",
    "payment_stage",
    "credit_stage",
    "contractor_line",
    "partner_line",
    "promise_stage",
    "credit_owed",
    "item_stage",
    "reservation_stage",
    "retail_line",
    "retail_charge",
    "balance_stage",
)
"""Tables of single documents of some system, bucketed by their subject."""

SERVICE_ORDER = "service_order"
"""Which service each order is of, bucketed by service; no rule asks for it, groups of findings do."""


def snake_case(name: str) -> str:
    """``ProductOrder`` as ``product_order``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
