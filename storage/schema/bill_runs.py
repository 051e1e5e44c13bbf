"""What finance decided before a bill run whose accounts had open findings."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Table, Text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

BILL_RUN_DECISION = Table(
    "bill_run_decision",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("billed_on", Date, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("least_minor", BigInteger, nullable=False),  # findings of less money were not asked about
    Column("cases", Text, nullable=False),  # JSON object: money in minor units by the case that was open
    CheckConstraint("decision IN ('hold', 'release')", name="decision_is_known"),
    Index("ix_bill_run_decision_run", "market", "billed_on", "id"),
)
