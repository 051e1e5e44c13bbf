"""What an analysis view is: its subject, how its inputs are cut, and its columns with their types."""

from dataclasses import dataclass

from reconciliation.findings import SubjectKind
from rules.types import Schema, parse_type

_EVERY_VIEW = {
    "period": "date",
    "is_recoverable": "boolean",
    "expected_amount": "money(2)",
    "billed_amount": "money(2)",
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


def view_of(
    name: str,
    subject: SubjectKind,
    partition: str,
    meaning: str,
    columns: dict[str, str],
    charge_column: str | None = None,
) -> AnalysisView:
    """A view with the columns that every one has beside its own, their types as text."""
    schema = {column: parse_type(kind) for column, kind in (_EVERY_VIEW | columns).items()}
    return AnalysisView(name, subject, partition, meaning, schema, charge_column)
