"""The analysis views of work: orders that wait, visits, and what contractors ask for them."""

from reconciliation.view_schema import AnalysisView, view_of

WORK_VIEWS: tuple[AnalysisView, ...] = (
    view_of(
        "order_stage",
        "order",
        "document",
        "One row a month and order of a new customer who waits beyond the promised day.",
        {
            "order": "text",
            "order_number": "text",
            "account": "text",
            "state": "text",
            "ordered_on": "date?",
            "promised_on": "date",
            "days_waiting": "integer",
            "has_open_work": "boolean",
        },
    ),
    view_of(
        "field_visit",
        "work_order",
        "document",
        "One row a work order: its last visit, and what came before it at the same service.",
        {
            "work_order": "text",
            "account": "text",
            "order_number": "text",
            "work_type": "text",
            "state": "text",
            "outcome": "text",
            "cause": "text",
            "visits": "integer",
            "is_open": "boolean",
            "is_twin": "boolean",
            "repaired_before_on": "date?",
            "cause_before": "text",
            "days_since_repair": "integer?",
            "line_test": "text",
            "hours_since_test": "integer?",
            "visit_cost": "money(2)",
        },
    ),
    view_of(
        "contractor_charge",
        "invoice_line",
        "document",
        "One row a line of a contractor's invoice: what it asks for, and what the reported work earns.",
        {
            "invoice_line": "text",
            "supplier": "text",
            "work_order_id": "text",
            "rate_code": "text",
            "quantity": "integer",
            "invoiced_on": "date",
            "is_repeated": "boolean",
            "has_proof": "boolean",
            "invoiced_amount": "money(2)",
            "earned_amount": "money(2)",
        },
    ),
)
