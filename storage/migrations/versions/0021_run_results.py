"""What a run came to is kept with it: totals of its findings, KPIs, cohorts, and where its report was sent.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# microseconds since 1970 in SQLite
INSTANT = TIMESTAMP(timezone=True).with_variant(sa.BigInteger(), "sqlite")
AUTO_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "run_tally",
    "run_total",
    "kpi_definition",
    "run_kpi",
    "run_kpi_figure",
    "run_cohort",
    "run_cohort_money",
    "report_delivery",
)


def upgrade() -> None:
    _of_run("run_tally", [], _numbers("findings", "explained"))
    _of_run(
        "run_total",
        ["rule_id", "direction", "exposure_class"],
        [*_texts("handoff"), *_numbers("findings", "explained", "exposure_minor", "run_rate_minor")],
    )
    op.create_table(
        "kpi_definition", *_texts("digest", "definition"), sa.PrimaryKeyConstraint("digest", name="pk_kpi_definition")
    )
    _of_run(
        "run_kpi",
        [],
        [
            *_texts("kpi", "definition", "currency", "unknown", "caveat"),
            sa.ForeignKeyConstraint(["definition"], ["kpi_definition.digest"], name="fk_run_kpi_definition"),
        ],
        numbered=("position",),
    )
    _of_run(
        "run_kpi_figure",
        [],
        [
            *_texts("name", "left_out"),
            *_numbers("population", "numerator", "denominator"),
            *(sa.Column(name, sa.BigInteger()) for name in ("median", "p90")),
        ],
        numbered=("position", "part"),
    )
    _of_run(
        "run_cohort",
        ["kind", "name"],
        [
            *_numbers("services", "services_found"),
            *(sa.Column(name, sa.BigInteger()) for name in ("latitude_micro", "longitude_micro")),
            sa.CheckConstraint("kind IN ('month', 'hub')", name=op.f("ck_run_cohort_kind_is_known")),
        ],
    )
    _of_run(
        "run_cohort_money",
        ["kind", "name", "direction", "exposure_class"],
        _numbers("findings", "exposure_minor"),
    )
    _of_run(
        "report_delivery",
        ["target"],
        [
            *_texts("state", "reason", "reference"),
            *_numbers("tries"),
            sa.Column("changed_at", INSTANT, nullable=False),
            sa.CheckConstraint(
                "state IN ('sending', 'sent', 'unsent', 'unknown')", name=op.f("ck_report_delivery_state_is_known")
            ),
        ],
    )
    _keep_totals_of_what_stands()


def _texts(*names: str) -> list[sa.schema.SchemaItem]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.schema.SchemaItem]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _of_run(
    table: str, key: list[str], columns: list[sa.schema.SchemaItem], numbered: tuple[str, ...] = ()
) -> None:
    op.create_table(
        table,
        sa.Column("run_id", AUTO_ID, nullable=False),
        *_numbers(*numbered),
        *_texts(*key),
        *columns,
        sa.PrimaryKeyConstraint("run_id", *numbered, *key, name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name=f"fk_{table}_run_id"),
    )


def _keep_totals_of_what_stands() -> None:
    """Totals of the run of each market whose findings stand; what older runs came to is not known any more."""
    standing = (
        "SELECT r.id FROM reconciliation_run r WHERE r.outcome = 'succeeded' AND r.compared IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM reconciliation_run n WHERE n.market = r.market AND n.outcome = 'succeeded'"
        " AND n.compared IS NOT NULL AND (n.as_of > r.as_of OR (n.as_of = r.as_of AND n.id > r.id)))"
    )
    carries = "CASE WHEN f.explained_by IS NULL THEN 1 ELSE 0 END"
    is_explained = "CASE WHEN f.explained_by IS NULL THEN 0 ELSE 1 END"
    op.execute(
        "INSERT INTO run_total (run_id, rule_id, direction, exposure_class, handoff, findings, explained,"
        " exposure_minor, run_rate_minor)"
        f" SELECT f.last_seen_run, f.rule_id, f.direction, f.exposure_class, coalesce(max(c.handoff), ''),"
        f" sum({carries}), sum({is_explained}), sum({carries} * f.exposure_minor), sum({carries} * f.run_rate_minor)"
        " FROM finding f LEFT JOIN finding_case c ON c.fingerprint = f.fingerprint"
        f" WHERE f.status = 'open' AND f.last_seen_run IN ({standing})"
        " GROUP BY f.last_seen_run, f.rule_id, f.direction, f.exposure_class"
    )
    op.execute(
        "INSERT INTO run_tally (run_id, findings, explained)"
        " SELECT s.id, coalesce(sum(t.findings), 0), coalesce(sum(t.explained), 0)"
        f" FROM ({standing}) s LEFT JOIN run_total t ON t.run_id = s.id GROUP BY s.id"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
