"""Whatever happened and whatever was billed: the shares of a difference add up to it, and no cent is told twice."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings

from reconciliation.analysis_views import SERVICE_STEPS, VIEWS, view_sql
from reconciliation.price_book import price_scale
from reconciliation.proration import proration_macros
from reconciliation.run import reconcile
from reconciliation.snapshot.tables import DIMENSIONS, SERVICE_TABLES
from tests.fakes.random_lives import operators
from tests.fakes.shipped_rules import rules_text, shipped_rules
from tests.fakes.small_operator import MARKET, SmallOperator, catalogue

SHARES = (
    "unbilled_before",
    "unbilled_after",
    "missing",
    "tier",
    "price",
    "billed_before_service",
    "billed_after_service",
    "unentitled",
    "duplicate",
)
SETTLED = {rule.id for rule in shipped_rules() if VIEWS[rule.over].partition == "service"}

in_any_life = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def views_over(operator: SmallOperator) -> Iterator[duckdb.DuckDBPyConnection]:
    """The views of all services of an operator, as each bucket has them."""
    with TemporaryDirectory() as place, duckdb.connect() as connection:
        folder = Path(place) / "snapshot"
        operator.snapshot(folder, buckets=1)
        for macro in proration_macros(operator.convention, price_scale(catalogue(), MARKET)):
            connection.execute(macro)
        for table in DIMENSIONS:
            connection.read_parquet(str(folder / f"dimensions/{table}.parquet")).create_view(table)
        for table in SERVICE_TABLES:
            connection.read_parquet(str(folder / f"by_service/0000/{table}.parquet")).create_view(table)
        for step in SERVICE_STEPS:
            connection.execute(view_sql(step))
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@in_any_life
@given(operators())
def test_shares_add_up_to_expected_minus_billed_on_every_row(operator: SmallOperator) -> None:
    with views_over(operator) as connection:
        key = "service_id, charge_id, period_id"
        wanted = rows(connection, f"SELECT {key}, expected_minor - billed_minor FROM difference ORDER BY ALL")
        shared = rows(connection, f"SELECT {key}, {' + '.join(SHARES)} FROM charge_row ORDER BY ALL")

        assert shared == wanted
        assert len({row[:3] for row in wanted}) == len(wanted)
        by_service = rows(connection, "SELECT sum(expected_minor - billed_minor) FROM difference")
        in_service_rows = rows(
            connection, "SELECT sum(expected_minor - billed_minor - live_while_suspended) FROM service_row"
        )
        assert in_service_rows == by_service


@in_any_life
@given(operators())
def test_what_is_billed_and_expected_is_counted_once(operator: SmallOperator) -> None:
    with views_over(operator) as connection:
        lines = rows(connection, "SELECT line_ref FROM billed")
        assert len(set(lines)) == len(lines)
        overlapping = rows(
            connection,
            """
            SELECT a.service_id, a.charge_id, a.starts_on, b.starts_on
            FROM delivered a
            JOIN delivered b ON b.service_id = a.service_id AND b.charge_id = a.charge_id
                 AND b.is_suspended = a.is_suspended AND b.rowid_ <> a.rowid_
                 AND b.starts_on < a.ends_on AND b.ends_on > a.starts_on
            """.replace("FROM delivered a", "FROM (SELECT *, row_number() OVER () AS rowid_ FROM delivered) a").replace(
                "JOIN delivered b", "JOIN (SELECT *, row_number() OVER () AS rowid_ FROM delivered) b"
            ),
        )
        assert overlapping == []


@settings(in_any_life, max_examples=12)
@given(operators())
def test_every_cent_of_a_difference_is_a_findings_or_listed(operator: SmallOperator) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        operator.snapshot(folder / "snapshot", rules_text(), buckets=1)
        outcome = reconcile(folder / "snapshot", folder / "output")
        with duckdb.connect() as connection:
            difference = connection.read_parquet(str(folder / "output/by_service/0000/difference.parquet"))
            wanted = Counter(dict(rows(connection, "SELECT subject, sum(difference) FROM difference GROUP BY ALL")))
    told: Counter[str] = Counter()
    for finding in outcome.findings:
        if finding.rule_id in SETTLED:
            told[finding.subject] += finding.exposure_minor * (-1 if finding.direction == "over_billed" else 1)
    for one in outcome.not_judged:
        if one.scope == "difference":
            amount = one.reason.removeprefix("expected minus billed leaves ").split()[0]
            told[one.subject.removeprefix("account/")] += round(float(amount) * 100)

    assert {subject: cents for subject, cents in told.items() if cents} == {
        subject: cents for subject, cents in wanted.items() if cents
    }
    assert difference is not None
