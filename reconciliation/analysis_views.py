"""The analysis views that rules stand on: their columns, what they are about, and the SQL that makes them.

A view is one row a subject and month; every row has ``period``, ``is_recoverable``, ``expected_amount``,
``billed_amount`` and ``evidence`` beside the columns listed here.
"""

from dataclasses import dataclass
from importlib.resources import files

from reconciliation.findings import SubjectKind
from rules.types import Schema, parse_type

_EVERY_VIEW = {
    "period": "date",
    "is_recoverable": "boolean",
    "expected_amount": "money(2)",
    "billed_amount": "money(2)",
}

_SERVICE_FACTS = {
    "service": "text",
    "account": "text",
    "never_billed": "boolean",
    "service_start": "date?",
    "service_end": "date?",
    "ceased_on": "date?",
    "is_called_off": "boolean",
    "billing_from": "date?",
    "billing_to": "date?",
    "network_seen": "boolean",
    "network_live": "boolean",
    "has_completion": "boolean",
    "has_work_order": "boolean",
    "courtesy_ended_on": "date?",
    "is_beside_billed": "boolean",
    "segment": "text",
    "unbilled_before_amount": "money(2)",
    "unbilled_after_amount": "money(2)",
    "billed_before_service_amount": "money(2)",
    "billed_after_service_amount": "money(2)",
    "duplicate_amount": "money(2)",
}


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """One view and how it is computed.

    Attributes:
        subject: what a finding over this view is about; also the name of the column that identifies it.
        partition: ``service``, ``serial`` or ``document``: the key by which its inputs are bucketed.
        charge_column: column that tells the charge code of a row, None where a row has none.
        meaning: one sentence for the reference page.
    """

    name: str
    subject: SubjectKind
    partition: str
    meaning: str
    schema: Schema
    charge_column: str | None = None

    @property
    def is_decomposed(self) -> bool:
        """Whether its rows are shares of expected minus billed, which findings must add up to."""
        return not set(SHARES).isdisjoint(self.schema)


def _view(
    name: str,
    subject: SubjectKind,
    partition: str,
    meaning: str,
    columns: dict[str, str],
    charge_column: str | None = None,
) -> AnalysisView:
    schema = {column: parse_type(kind) for column, kind in (_EVERY_VIEW | columns).items()}
    return AnalysisView(name, subject, partition, meaning, schema, charge_column)


VIEWS: dict[str, AnalysisView] = {
    view.name: view
    for view in (
        _view(
            "charge",
            "service",
            "service",
            "One row a service, charge code and month whose bill disagrees with what was delivered.",
            _SERVICE_FACTS
            | {
                "charge": "text",
                "charge_family": "text",
                "charge_kind": "text",
                "delivered_by": "text",
                "family_delivered_by": "text",
                "discount_kind": "text",
                "discount_basis": "text",
                "on_hold": "boolean",
                "missing_amount": "money(2)",
                "tier_amount": "money(2)",
                "price_amount": "money(2)",
                "arithmetic_amount": "money(2)",
                "undelivered_amount": "money(2)",
                "returned_on": "date?",
                "unentitled_amount": "money(2)",
                "delivered_days": "integer",
                "charge_ever_billed": "boolean",
                "installed_offering": "text",
                "installed_basis": "text",
                "billed_offering": "text",
                "ordered_offering": "text",
                "installed_is_dearer": "boolean",
                "is_misdated": "boolean",
                "crossed_with": "text",
                "cut_since": "date?",
                "hold_used_on": "date?",
            },
            charge_column="charge",
        ),
        _view(
            "service_state",
            "service",
            "service",
            "One row a service and month, all charges together, for what concerns the service as a whole.",
            _SERVICE_FACTS
            | {
                "live_while_suspended_amount": "money(2)",
                "billed_days_ever": "integer",
                "suspended_since": "date?",
                "last_traffic_on": "date?",
            },
        ),
        _view(
            "migration",
            "service",
            "service",
            "One row a service that was moved to another biller, charge and month: both bills, and what was due.",
            {
                "service": "text",
                "account": "text",
                "charge": "text",
                "charge_family": "text",
                "charge_kind": "text",
                "charge_class": "text",
                "wave": "text",
                "cut_over_on": "date",
                "is_in_target": "boolean",
                "is_still_in_legacy": "boolean",
                "is_gap_month": "boolean",
                "is_overlap_month": "boolean",
                "legacy_to": "date?",
                "target_from": "date?",
                "network_live": "boolean",
                "was_right_before": "boolean",
                "expired_in_pause_on": "date?",
                "ceased_in_pause_on": "date?",
                "legacy_amount": "money(2)",
                "target_amount": "money(2)",
                "unbilled_after_amount": "money(2)",
                "billed_after_service_amount": "money(2)",
                "unentitled_amount": "money(2)",
            },
            charge_column="charge",
        ),
        _view(
            "moved_device",
            "service",
            "service",
            "One row a service that moves to another biller: the access device it was told of, and the field's.",
            {
                "service": "text",
                "account": "text",
                "wave": "text",
                "cut_over_on": "date",
                "told_serial": "text?",
                "field_serial": "text?",
                "network_seen": "boolean",
                "network_live": "boolean",
                "monthly_amount": "money(2)",
            },
        ),
        _view(
            "unknown_code",
            "service",
            "service",
            "One row a service, month and billing code that no offering of the catalogue has.",
            {"service": "text", "account": "text", "billing_code": "text", "lines": "integer"},
        ),
        _view(
            "equipment",
            "serial",
            "serial",
            "One row a month and device that the network shows although the field never recorded it or stock has it.",
            {
                "serial": "text",
                "element": "text",
                "is_live": "boolean",
                "is_awaited": "boolean",
                "is_near_miss": "boolean",
                "is_discovered": "boolean",
                "hours_known": "integer?",
                "known_to_field": "boolean",
                "in_stock_since": "date?",
                "profile_offering": "text",
                "registered_on": "date?",
                "last_traffic_on": "date?",
            },
        ),
        _view(
            "stock_item",
            "serial",
            "serial",
            "One row a device that the store room gave out and that is at no service any more, or never was.",
            {
                "serial": "text",
                "kind": "text",
                "model": "text",
                "service": "text",
                "moved_on": "date",
                "days_missed": "integer",
                "is_recorded": "boolean",
                "is_work_over": "boolean",
                "is_near_miss": "boolean",
                "device_cost": "money(2)",
            },
        ),
        _view(
            "shared_device",
            "service",
            "serial",
            "One row a month and service that claims a device which an earlier service claims as well.",
            {
                "service": "text",
                "account": "text",
                "first_service": "text",
                "first_account": "text",
                "serial": "text",
                "claimed_from": "date",
                "is_live": "boolean",
            },
        ),
        _view(
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
        _view(
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
        _view(
            "bill",
            "bill",
            "document",
            "One row a bill of the judged months: whether it was sent, and what it asks for.",
            {
                "bill": "text",
                "account": "text",
                "state": "text",
                "is_cut_off": "boolean",
                "is_disputed": "boolean",
                "billed_on": "date",
                "days_since": "integer",
            },
        ),
        _view(
            "payment",
            "payment",
            "document",
            "One row a payment of the judged months: whether any bill has it.",
            {
                "payment": "text",
                "account": "text",
                "received_on": "date",
                "days_since": "integer",
                "is_applied": "boolean",
                "paid_amount": "money(2)",
            },
        ),
        _view(
            "promised_credit",
            "case",
            "document",
            "One row a credit that somebody approved in a case, with the day on which one of its amount was posted.",
            {
                "case": "text",
                "account": "text",
                "approved_on": "date",
                "posted_on": "date?",
                "days_since": "integer",
                "credit_amount": "money(2)",
            },
        ),
        _view(
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
        _view(
            "partner_charge",
            "partner_line",
            "document",
            "One row a line of a partner's invoice: whether what it is for was in service on any of its days.",
            {
                "partner_line": "text",
                "supplier": "text",
                "kind": "text",
                "account": "text",
                "product": "text",
                "covers_from": "date",
                "covers_to": "date",
                "is_known": "boolean",
                "is_served": "boolean",
                "invoiced_amount": "money(2)",
            },
        ),
        _view(
            "balance",
            "balance",
            "document",
            "One row a balance of an account that was moved to another biller: as it was closed, and opened.",
            {
                "balance": "text",
                "account": "text",
                "balance_type": "text",
                "cut_over_on": "date",
                "closed_on": "date",
                "opened_on": "date",
                "legacy_amount": "money(2)",
                "target_amount": "money(2)",
                "in_flight_amount": "money(2)",
                "missing_claim_amount": "money(2)",
            },
        ),
        _view(
            "credit",
            "adjustment",
            "document",
            "One row a credit given out of goodwill, and how long before the same one was given to the account.",
            {
                "adjustment": "text",
                "account": "text",
                "reason": "text",
                "posted_on": "date",
                "days_since_alike": "integer?",
                "credit_amount": "money(2)",
            },
        ),
    )
}

SHARES = (
    "unbilled_before_amount",
    "unbilled_after_amount",
    "missing_amount",
    "tier_amount",
    "price_amount",
    "arithmetic_amount",
    "undelivered_amount",
    "billed_before_service_amount",
    "billed_after_service_amount",
    "unentitled_amount",
    "duplicate_amount",
    "live_while_suspended_amount",
)
"""Columns that are each a part of expected minus billed; no two of them hold the same cent."""

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
    "90_bill",
    "92_payment",
    "94_credit",
    "95_promised_credit",
    "96_contractor_charge",
    "98_partner_charge",
    "99_balance",
)


def view_sql(step: str) -> str:
    """The SQL of one step of the views."""
    return files("reconciliation").joinpath("views", f"{step}.sql").read_text(encoding="utf-8")
