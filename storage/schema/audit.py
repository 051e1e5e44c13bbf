"""Who did what by hand, and when."""

from sqlalchemy import Column, Index, Table, Text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON object
    Index("ix_audit_subject", "subject", "id"),
)
