"""What the network showed to be wrong, where, since when, and what was done about it."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

_OPEN = text("closed_at IS NULL")

NETWORK_INCIDENT = Table(
    "network_incident",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("kind", Text, nullable=False),  # of the place
    Column("member", Text, nullable=False),  # which place
    Column("action", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("lines", Text, nullable=False),  # JSON object: what was seen by serial
    Column("opened_at", UtcInstant, nullable=False),
    Column("seen_at", UtcInstant, nullable=False),  # the last time
    Column("closed_at", UtcInstant),
    Column("effect_key", Text),  # of the job that was asked for
    CheckConstraint("action IN ('crew', 'remote', 'contact', 'wait')", name="action_is_known"),
    Index("ix_network_incident_market", "market", "closed_at"),
    Index(
        "ix_network_incident_one_open",
        "market",
        "family",
        "kind",
        "member",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)
"""A place has one open incident of a family: two sweeps that see the same open nothing twice."""
