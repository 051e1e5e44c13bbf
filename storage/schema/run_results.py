"""Tables of what a run came to: totals of its findings, KPIs, cohorts, and where its report was sent."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from storage.schema.columns import METADATA, UtcInstant

RUN_TALLY = Table(
    "run_tally",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), primary_key=True),  # no row: its totals were not kept
    Column("findings", BigInteger, nullable=False),  # that carry money of their own
    Column("explained", BigInteger, nullable=False),  # that another one explains
)

RUN_TOTAL = Table(
    "run_total",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("rule_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("exposure_class", Text, nullable=False),
    Column("handoff", Text, nullable=False),  # that the rule watched by then; empty where it is none
    Column("findings", BigInteger, nullable=False),
    Column("explained", BigInteger, nullable=False),
    Column("exposure_minor", BigInteger, nullable=False),
    Column("run_rate_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("run_id", "rule_id", "direction", "exposure_class"),
)

KPI_DEFINITION = Table(
    "kpi_definition",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("definition", Text, nullable=False),  # JSON object: the KPI as its file said it
)

RUN_KPI = Table(
    "run_kpi",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("kpi", Text, nullable=False),
    Column("definition", ForeignKey("kpi_definition.digest"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("unknown", Text, nullable=False),
    Column("caveat", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "position"),
)

RUN_KPI_FIGURE = Table(
    "run_kpi_figure",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("position", BigInteger, nullable=False),  # of its KPI
    Column("part", BigInteger, nullable=False),  # 0 for the whole population, 1, 2 ... for its groups
    Column("name", Text, nullable=False),  # of the group
    Column("population", BigInteger, nullable=False),
    Column("left_out", Text, nullable=False),  # JSON array of [reason, how many]
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger, nullable=False),
    Column("median", BigInteger),
    Column("p90", BigInteger),
    PrimaryKeyConstraint("run_id", "position", "part"),
)

RUN_COHORT = Table(
    "run_cohort",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),  # a month as 2026-03, or a hub; empty where it is not known
    Column("services", BigInteger, nullable=False),
    Column("services_found", BigInteger, nullable=False),  # on which there is a finding
    Column("latitude_micro", BigInteger),  # millionths of a degree, the middle of the premises whose place is known
    Column("longitude_micro", BigInteger),
    PrimaryKeyConstraint("run_id", "kind", "name"),
    CheckConstraint("kind IN ('month', 'hub')", name="kind_is_known"),
)

RUN_COHORT_MONEY = Table(
    "run_cohort_money",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("exposure_class", Text, nullable=False),
    Column("findings", BigInteger, nullable=False),
    Column("exposure_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("run_id", "kind", "name", "direction", "exposure_class"),
)

RUN_BILLS = Table(
    "run_bills",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), primary_key=True),
    Column("content", Text, nullable=False),  # JSON object
)

REPORT_DELIVERY = Table(
    "report_delivery",
    METADATA,
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("target", Text, nullable=False),  # where to: a folder, or the addresses of a mail
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),  # what the other side calls it
    Column("tries", BigInteger, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    Column("judgement", Text, nullable=False, server_default=""),  # the same where another run says the same
    PrimaryKeyConstraint("run_id", "target"),
    Index("ix_report_delivery_judgement", "target", "judgement"),
    CheckConstraint("state IN ('sending', 'sent', 'unsent', 'unknown')", name="state_is_known"),
)
