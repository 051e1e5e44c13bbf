"""Tables of cases: the state of each finding, its journal, its money run by run, and its remedies."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from storage.schema.columns import METADATA, UtcInstant

FINDING_CASE = Table(
    "finding_case",
    METADATA,
    Column("fingerprint", ForeignKey("finding.fingerprint"), primary_key=True),
    Column("market", Text, nullable=False),
    Column("state", Text, nullable=False),  # what the events make of it; nothing else sets it
    Column("assignee", Text),
    Column("handoff", Text),  # the hand-off that its rule watches
    Column("dismissed_until", Date),
    Column("written_off_minor", BigInteger),  # what was given up
    Column("ended_by", Text),  # why it vanished
    Column("first_minor", BigInteger, nullable=False),  # its money when it was found
    Column("last_minor", BigInteger, nullable=False),  # its money now, 0 where it is gone
    Column("settled_minor", BigInteger, nullable=False),  # what adjustments had brought for it by the last run
    Column("events", BigInteger, nullable=False),  # how many there are
    Column("changed_at", UtcInstant, nullable=False),
    CheckConstraint(
        "state IN ('new', 'open', 'acknowledged', 'in_remedy', 'recovered', 'refunded', 'written_off', 'dismissed',"
        " 'reopened', 'vanished')",
        name="state_is_known",
    ),
    CheckConstraint("ended_by IN ('mended', 'out_of_window', 'past_limit')", name="ended_by_is_known"),
    Index("ix_finding_case_market", "market", "state"),
)

CASE_EVENT = Table(
    "case_event",
    METADATA,
    Column("fingerprint", ForeignKey("finding_case.fingerprint"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),  # a person, or the run
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),  # behind the event
    Column("why", Text, nullable=False),
    Column("run_id", ForeignKey("reconciliation_run.id")),
    Column("amount_minor", BigInteger),
    Column("remedy", BigInteger),  # number of the remedy that it is about
    PrimaryKeyConstraint("fingerprint", "number"),
)

FINDING_AMOUNT = Table(
    "finding_amount",
    METADATA,
    Column("fingerprint", ForeignKey("finding.fingerprint"), nullable=False),
    Column("run_id", ForeignKey("reconciliation_run.id"), nullable=False),
    Column("exposure_minor", BigInteger, nullable=False),  # from this run on, until a later row says otherwise
    PrimaryKeyConstraint("fingerprint", "run_id"),
)

REMEDY = Table(
    "remedy",
    METADATA,
    Column("fingerprint", ForeignKey("finding_case.fingerprint"), nullable=False),
    Column("number", BigInteger, nullable=False),  # 1, 2 ... of its case
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),  # what it moves, positive
    Column("of_minor", BigInteger, nullable=False),  # the finding's money when it was proposed
    Column("settled_minor", BigInteger, nullable=False),  # what adjustments had brought for the case by then
    Column("revision", BigInteger, nullable=False),  # grows each time it goes back to proposed
    Column("fields", Text, nullable=False),  # JSON object: of the command, as far as a person gave them
    Column("task", Text, nullable=False),  # what a person has to do; empty where it is a command
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", UtcInstant, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", UtcInstant),
    Column("effect_id", ForeignKey("effect.id")),
    Column("came_minor", BigInteger),  # what a run saw that it brought
    Column("changed_at", UtcInstant, nullable=False),
    PrimaryKeyConstraint("fingerprint", "number"),
    CheckConstraint(
        "kind IN ('backbill', 'credit', 'start_charge', 'stop_charge', 'price_correction', 'task')",
        name="kind_is_known",
    ),
    CheckConstraint(
        "state IN ('proposed', 'approved', 'sent', 'done', 'verified', 'withdrawn', 'failed')", name="state_is_known"
    ),
    Index("ix_remedy_state", "state"),
)
