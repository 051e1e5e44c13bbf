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

SERVICE_TABLES = {
    "service": "service_id",
    "delivered": "service_id",
    "billed": "service_id",
    "one_time": "service_id",
    "entitled": "service_id",
    "own_price": "service_id",
    "hold": "service_id",
    "crossed": "service_id",
    "kept_cut": "service_id",
    "hold_use": "service_id",
    "ineligible": "service_id",
    "move": "service_id",
    "device_return": "service_id",
    "unknown_line": "service_id",
    "awaited": "service_id",
    "correction": "service_id",
    "moved_service": "service_id",
    "moved_bill": "service_id",
    "expiry_pause": "service_id",
    "disconnection_pause": "service_id",
}
"""Tables bucketed by service, with the order of their rows."""

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
