"""The views that KPIs stand on: their columns, and the SQL that makes them out of a snapshot and of findings."""

from dataclasses import dataclass
from importlib.resources import files

from rules.types import Schema, parse_type

STEPS = ("05_correction", "10_order", "20_visit", "30_bill", "40_month", "50_work")
"""The SQL of the views, in order."""


@dataclass(frozen=True, slots=True)
class KpiView:
    """One view.

    Attributes:
        meaning: one sentence for the reference page.
    """

    name: str
    meaning: str
    schema: Schema


def _view(name: str, meaning: str, **columns: str) -> KpiView:
    return KpiView(name, meaning, {column: parse_type(kind) for column, kind in columns.items()})


KPI_VIEWS: dict[str, KpiView] = {
    view.name: view
    for view in (
        _view(
            "order",
            "One row an order of a new customer that was placed in the judged months and not called off.",
            order_number="text",
            ordered_at="timestamp?",
            state="text",
            has_work_order="boolean",
            created_at="timestamp?",
            dispatched_at="timestamp?",
            arrived_at="timestamp?",
            completed_at="timestamp?",
            activated_at="timestamp?",
            is_used_again="boolean",
            billed_on="date?",
            received_on="date?",
            is_only_service="boolean",
            visits="integer",
            first_outcome="text",
            minutes_to_activation="integer?",
            minutes_to_activation_net="integer?",
            minutes_to_work_order="integer?",
            minutes_to_arrival="integer?",
            minutes_to_completion="integer?",
            minutes_to_active="integer?",
            minutes_from_dispatch="integer?",
            days_to_invoice="integer?",
            days_to_cash="integer?",
            float_amount="money(2)?",
            provisionings="integer",
            provisioning_hands="integer",
            rework="integer",
            unplanned="integer",
            hands="integer",
            is_first_bill_wrong="boolean",
            is_back_within_month="boolean",
            is_month_open="boolean?",
        ),
        _view(
            "visit",
            "One row a truck that arrived in the judged months.",
            work_order_id="text",
            order_number="text",
            work_type="text",
            outcome="text",
            visit_number="integer",
            is_place_known="boolean",
            is_return="boolean",
            minutes_late="integer?",
            minutes_on_the_way="integer?",
            minutes_on_site="integer?",
            line_test="text?",
            is_needless="boolean",
            cost_amount="money(2)?",
        ),
        _view(
            "technician_day",
            "One row a technician and local day with a completed job.",
            technician="text",
            day="date",
            jobs="integer",
        ),
        _view(
            "bill",
            "One row a bill of the judged months that was sent, without those of our own accounts.",
            bill_id="text",
            account="text",
            billed_on="date",
            billed_amount="money(2)",
            absolute_amount="money(2)",
            late_amount="money(2)",
            current_amount="money(2)",
            is_disputed="boolean",
            disputed_amount="money(2)",
            is_window_open="boolean",
            has_lines="boolean",
        ),
        _view(
            "month",
            "One row a judged month, and a month before it that a finding reaches back to.",
            period="date",
            is_judged="boolean",
            services="integer",
            ceased="integer",
            calls="integer",
            comparisons="integer",
            comparisons_unmeasured="integer",
            comparison_minutes="integer",
            billed_amount="money(2)",
            sent_amount="money(2)",
            corrected_amount="money(2)",
            leaked_amount="money(2)",
            recoverable_amount="money(2)",
            recovered_amount="money(2)",
            written_off_amount="money(2)",
        ),
        _view(
            "service",
            "One row a service that ran on a day of the judged months, suspended or not.",
            service="text",
            account="text",
            is_judged="boolean",
            is_misbilled="boolean",
        ),
        _view(
            "touch",
            "One row a hand on the work of an order in the judged months, of a person or of a program.",
            step="text",
            action="text",
            actor="text",
            is_person="boolean",
            is_manual="boolean",
            is_rework="boolean",
        ),
        _view(
            "recovery_case",
            "One row a case about money that was billed too little, lost or recoverable.",
            fingerprint="text",
            state="text",
            exposure_class="text",
            age="text",
            days_open="integer",
            days_to_recovery="integer?",
            identified_amount="money(2)",
            recovered_amount="money(2)",
        ),
    )
}


def view_sql(step: str) -> str:
    """The SQL of one step."""
    return files("reconciliation").joinpath("kpis", "views", f"{step}.sql").read_text(encoding="utf-8")
