"""The analysis views that rules stand on: their columns, what they are about, and the SQL that makes them.

A view is one row a subject and month; every row has ``period``, ``is_recoverable``, ``expected_amount``,
``billed_amount`` and ``evidence`` beside the columns that its own module lists.
"""

from importlib.resources import files

from reconciliation.account_views import ACCOUNT_VIEWS
from reconciliation.device_views import DEVICE_VIEWS
from reconciliation.filing_views import FILING_VIEWS
from reconciliation.service_views import SERVICE_VIEWS
from reconciliation.view_schema import SHARES, AnalysisView
from reconciliation.work_views import WORK_VIEWS

__all__ = ["DOCUMENT_STEPS", "SERIAL_STEPS", "SERVICE_STEPS", "SHARES", "VIEWS", "AnalysisView", "view_sql"]

VIEWS: dict[str, AnalysisView] = {
    view.name: view for view in (*SERVICE_VIEWS, *DEVICE_VIEWS, *WORK_VIEWS, *ACCOUNT_VIEWS, *FILING_VIEWS)
}

SERVICE_STEPS = (
    "10_difference",
    "20_parts",
    "30_repriced",
    "35_billed_parts",
    "38_tiers",
    "40_charge",
    "50_service_state",
    "55_difference_view",
    "57_unknown_code",
    "58_migration",
    "59_moved_device",
)
SERIAL_STEPS = ("60_equipment", "65_stock_item", "70_shared_device")
DOCUMENT_STEPS = (
    "80_order_stage",
    "85_field_visit",
    "86_credit_owed",
    "88_billing_item",
    "90_bill",
    "92_payment",
    "94_credit",
    "95_promised_credit",
    "96_contractor_charge",
    "97_reservation",
    "98_partner_charge",
    "99_wholesale_line",
    "99_balance",
)


def view_sql(step: str) -> str:
    """The SQL of one step of the views."""
    return files("reconciliation").joinpath("views", f"{step}.sql").read_text(encoding="utf-8")
