"""Whatever happened and whatever was billed: the shares of a difference add up to it, and no cent is told twice."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

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
    "unclear",
    "tier",
    "price",
    "arithmetic",
    "undelivered",
    "billed_before_service",
    "billed_after_service",
    "unentitled",
    "duplicate",
)
CLAIMING = {rule.id for rule in shipped_rules() if VIEWS[rule.over].is_decomposed}

in_any_life = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

MEASURED = {"latitude", "longitude", "value", "optical_dbm", "optical_resolution_db"}
"""What instruments say; no amount is ever made of it."""

EXPECTED_AND_BILLED = """
SELECT service_id, charge_id, period_id, coalesce(expected, 0), coalesce(billed, 0),
       coalesce(expected, 0) - coalesce(billed, 0)
FROM (SELECT service_id, charge_id, period_id, sum(amount)::BIGINT AS expected
      FROM (SELECT service_id, charge_id, period_id,
                   prorated(unit_price, factor, starts_on, ends_on, month_from, month_to) AS amount
            FROM delivered_piece WHERE NOT is_suspended
            UNION ALL
            SELECT service_id, charge_id, period_id, rounded(unit_price, price_scale()) FROM one_time)
      GROUP BY ALL)
FULL JOIN (SELECT service_id, charge_id, period_id, sum(amount_minor)::BIGINT AS billed FROM billed GROUP BY ALL)
USING (service_id, charge_id, period_id)
WHERE coalesce(expected, 0) <> coalesce(billed, 0)
ORDER BY ALL
"""

BILLED_TWICE_BY_ONE_SUBSCRIPTION = """
SELECT x.service_id, x.charge_id, x.period_id, x.duplicate
FROM charge_row x
JOIN billed b USING (service_id, charge_id, period_id)
GROUP BY ALL
HAVING count(DISTINCT b.subscription_id) = 1 AND x.duplicate <> 0
       AND count(*) = count(DISTINCT (b.product_id, b.covers_from, b.covers_to, b.amount_minor))
"""

DELIVERED_TWICE = """
WITH item AS (
    SELECT d.*, row_number() OVER () AS number
    FROM delivered d
    JOIN charge c USING (charge_id)
    WHERE c.charge IN ('access', 'rental', 'hello', 'tenth')
)
SELECT a.service_id, a.charge_id, a.starts_on, b.starts_on
FROM item a
JOIN item b ON b.service_id = a.service_id AND b.charge_id = a.charge_id AND b.is_suspended = a.is_suspended
     AND b.number <> a.number AND b.starts_on < a.ends_on AND b.ends_on > a.starts_on
"""


@contextmanager
def views_over(operator: SmallOperator) -> Iterator[duckdb.DuckDBPyConnection]:
    """The views of all services of an operator, as each bucket has them."""
    with TemporaryDirectory() as place, duckdb.connect() as connection:
        folder = Path(place) / "snapshot"
        operator.snapshot(folder, buckets=1)
        for macro in proration_macros(operator.proration, price_scale(catalogue(), MARKET)):
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
def test_shares_add_up_to_expected_minus_billed_on_every_row_and_nothing_counts_twice(
    operator: SmallOperator,
) -> None:
    with views_over(operator) as connection:
        told = rows(
            connection,
            f"SELECT service_id, charge_id, period_id, expected_minor, billed_minor, {' + '.join(SHARES)}"
            " FROM charge_row ORDER BY ALL",
        )
        assert told == rows(connection, EXPECTED_AND_BILLED)
        assert rows(connection, BILLED_TWICE_BY_ONE_SUBSCRIPTION) == []
        in_service_state = "SELECT sum(expected_minor - billed_minor - live_while_suspended) FROM service_row"
        assert rows(connection, in_service_state) == [(sum(row[-1] for row in told) if told else None,)]
        assert rows(connection, DELIVERED_TWICE) == []
        assert rows(connection, "SELECT line_ref FROM billed GROUP BY ALL HAVING count(*) > 1") == []
        assert rows(connection, "SELECT service FROM service GROUP BY ALL HAVING count(*) > 1") == []


@settings(in_any_life, max_examples=20)
@given(operators())
def test_every_cent_of_a_difference_is_in_a_finding_or_settled_or_listed(operator: SmallOperator) -> None:
    told: Counter[str] = Counter()
    with TemporaryDirectory() as place:
        folder = Path(place)
        operator.snapshot(folder / "snapshot", rules_text(), buckets=1)
        outcome = reconcile(folder / "snapshot", folder / "output")
        wanted = differences(folder / "output" / "by_service/0000/difference.parquet")
        adjusted = corrections(folder / "snapshot" / "by_service/0000/correction.parquet")
    for finding in outcome.findings:
        if finding.rule_id in CLAIMING:
            told[finding.subject] += finding.exposure_minor * (-1 if finding.direction == "over_billed" else 1)
    for one in outcome.not_judged:
        if one.scope == "difference":
            told[one.subject.removeprefix("service/")] += cents_in(r"leaves (\S+) USD", one.reason)
        elif one.scope == "adjustment":
            adjusted[one.reason.split(" on account ")[1].split(",")[0]] -= cents_in(r": (\S+) USD", one.reason)
    told.update(adjusted)

    # an adjustment names an account, and may settle what is owed on any of its services
    assert by_account(told) == by_account(wanted)


@settings(in_any_life, max_examples=12)  # each is judged twice
@given(operators(), st.randoms(use_true_random=False))
def test_the_order_in_which_records_arrive_changes_nothing(operator: SmallOperator, random: Random) -> None:
    shuffled = replace(operator, records=list(operator.records))
    random.shuffle(shuffled.records)

    assert _findings(shuffled) == _findings(operator)


@settings(in_any_life, max_examples=2)  # a type is that of a column, whatever is in it
@given(operators())
def test_no_number_of_a_snapshot_or_of_what_is_found_in_it_is_a_binary_float(operator: SmallOperator) -> None:
    with TemporaryDirectory() as place, duckdb.connect() as connection:
        folder = Path(place)
        operator.snapshot(folder / "snapshot", rules_text(), buckets=1)
        reconcile(folder / "snapshot", folder / "output")
        for file in folder.rglob("*.parquet"):
            columns = rows(connection, f"DESCRIBE FROM read_parquet('{file}')")
            binary = {name for name, kind, *_ in columns if "DOUBLE" in kind or "FLOAT" in kind}
            assert binary <= MEASURED, file
    with views_over(operator) as connection:
        columns = rows(
            connection, "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        )
        assert not [column for column in columns if "DOUBLE" in column[2] or "FLOAT" in column[2]]


def _findings(operator: SmallOperator) -> list[Any]:
    with TemporaryDirectory() as place:
        folder = Path(place)
        operator.snapshot(folder / "snapshot", rules_text(), buckets=1)
        outcome = reconcile(folder / "snapshot", folder / "output")
    return sorted((*map(repr, outcome.findings), *map(repr, outcome.not_judged)))


def by_account(cents_of: Mapping[str, int]) -> dict[str, int]:
    summed: Counter[str] = Counter()
    for service, cents in cents_of.items():
        summed[service.partition("/")[0]] += cents
    return {account: cents for account, cents in summed.items() if cents}


def cents_in(pattern: str, reason: str) -> int:
    found = re.search(pattern, reason)
    assert found, reason
    return int(Decimal(found[1]) * 100)


def corrections(file: Path) -> Counter[str]:
    """Cents of all adjustments by account that is judged, as the snapshot has them."""
    with duckdb.connect() as connection:
        connection.read_parquet(str(file)).create_view("correction")
        query = "SELECT account, sum(amount_minor)::BIGINT FROM correction WHERE is_judged GROUP BY account"
        return Counter(dict(rows(connection, query)))


def differences(file: Path) -> dict[str, int]:
    """Cents by service, as the bucket wrote them."""
    with duckdb.connect() as connection:
        connection.read_parquet(str(file)).create_view("of_month")
        sums = rows(connection, "SELECT subject, sum(difference)::BIGINT FROM of_month GROUP BY subject")
    return {subject: cents for subject, cents in sums if cents}
