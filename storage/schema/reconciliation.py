"""Tables of the way out: runs, what they found, what they could not judge."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from storage.schema.columns import AUTO_ID, METADATA, UtcInstant

RECONCILIATION_RUN = Table(
    "reconciliation_run",
    METADATA,
    Column("id", AUTO_ID, primary_key=True),
    Column("market", Text, nullable=False),
    Column("as_of", UtcInstant, nullable=False),
    Column("snapshot_path", Text, nullable=False),
    Column("manifest_checksum", Text, nullable=False),
    Column("versions", Text, nullable=False),  # JSON object: rules, catalogue, mappings, conventions
    Column("started_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant),
    Column("compared", BigInteger),  # rows of charges compared, NULL until findings are recorded
    Column("billed_minor", BigInteger),
    Column("rule_outcomes", Text, nullable=False),  # JSON object: outcome by rule
    Column("outcome", Text, nullable=False),
    Column("message", Text, nullable=False),
    CheckConstraint("outcome IN ('running', 'succeeded', 'failed', 'stopped')", name="outcome_is_known"),
    Index("ix_reconciliation_run_market", "market", "id"),
)

FINDING = Table(
    "finding",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("rule_id", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("exposure_class", Text, nullable=False),
    Column("exposure_minor", BigInteger, nullable=False),
    Column("run_rate_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("evidence_from", Date, nullable=False),
    Column("evidence_to", Date, nullable=False),
    Column("explained_by", Text),  # fingerprint of the finding that carries the money
    Column("evidence", Text, nullable=False),  # JSON array of source references
    Column("status", Text, nullable=False),
    Column("first_seen_run", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("last_seen_run", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("digest", Text),  # of all that it says, lines and evidence included; NULL where nobody computed it
    CheckConstraint("status IN ('open', 'vanished')", name="status_is_known"),
    Index("ix_finding_market", "market", "status"),
)

FINDING_LINE = Table(
    "finding_line",
    METADATA,
    Column("fingerprint", ForeignKey("finding.fingerprint", ondelete="CASCADE"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("period", Date, nullable=False),  # first day of the billing period
    Column("charge", Text, nullable=False),
    Column("expected_minor", BigInteger, nullable=False),
    Column("billed_minor", BigInteger, nullable=False),
    Column("exposure_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("fingerprint", "position"),
)

NOT_JUDGED = Table(
    "not_judged",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "position"),
)

RUN_CAUSES = Table(
    "run_causes",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), primary_key=True),
    Column("content", Text, nullable=False),  # JSON object
)
