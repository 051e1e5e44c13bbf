"""Steps of the views that a bucket need not take: what has no rows is not planned, which costs more than asking."""

IDLE_WITHOUT = {
    "57_unknown_code": "unknown_line",
    "58_migration": "moved_service",
    "59_moved_device": "moved_service",
    "65_stock_item": "stock_item",
    "70_shared_device": "shared_charge",
    "80_order_stage": "order_stage",
    "85_field_visit": "work_order_stage",
    "88_billing_item": "item_stage",
    "90_bill": "bill_stage",
    "92_payment": "payment_stage",
    "94_credit": "credit_stage",
    "95_promised_credit": "promise_stage",
    "96_contractor_charge": "contractor_line",
    "97_reservation": "reservation_stage",
    "98_partner_charge": "partner_line",
    "99_balance": "balance_stage",
}
"""By step the table without whose rows its view has none; such a step is named after its view."""
