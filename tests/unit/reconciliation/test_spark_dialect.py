"""The views' SQL as Spark takes it, and what is refused because it would mean something else there."""

import pytest
from sqlglot import parse_one

from canonical_model.catalogue import Proration
from reconciliation.analysis_views import DOCUMENT_STEPS, SERIAL_STEPS, SERVICE_STEPS, view_sql
from reconciliation.engines.question import RuleSql
from reconciliation.engines.spark_dialect import Macro, spark_relations, spark_sql
from reconciliation.engines.spark_engine import found_on_spark, hits_on_spark
from reconciliation.proration import proration_macros


def on_spark(sql: str) -> str:
    return spark_sql(parse_one(sql, read="duckdb"), {})


@pytest.mark.parametrize(
    ("sql", "spark"),
    [
        ("SELECT sign(a) FROM t", "SELECT CAST(SIGN(a) AS BIGINT) FROM t"),
        ("SELECT a // 3 FROM t", "SELECT a DIV 3 FROM t"),
        ("SELECT list_distinct(a) FROM t", "SELECT ARRAY_DISTINCT(ARRAY_COMPACT(a)) FROM t"),
        ("SELECT list(DISTINCT a ORDER BY a) FROM t", "SELECT SORT_ARRAY(COLLECT_SET(a)) FROM t"),
        (
            "SELECT list(a ORDER BY b) FROM t",
            "SELECT TRANSFORM(SORT_ARRAY(COLLECT_LIST(STRUCT(b AS c0, a AS c1))), row -> row.c1) FROM t",
        ),
        ("SELECT list_slice(a, -2, -1) FROM t", "SELECT SLICE(a, -2, 2) FROM t"),
        ("SELECT * REPLACE (a + 1 AS a), b FROM t", "SELECT * EXCEPT (a), a + 1 AS a, b FROM t"),
        ("SELECT d.* REPLACE (1 AS a) FROM t d", "SELECT d.* EXCEPT (a), 1 AS a FROM t AS d"),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a NULLS LAST"),
        ("SELECT sum(a) FILTER (b = 1) FROM t", "SELECT SUM(a) FILTER(WHERE b = 1) FROM t"),
        ("WITH t AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM t", "WITH t AS (SELECT 1 AS a) SELECT a FROM t"),
    ],
)
def test_what_means_another_thing_on_spark_is_said_in_its_words(sql: str, spark: str) -> None:
    assert on_spark(sql) == spark


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT a / 2 FROM t", "no exact division"),
        ("SELECT unnest(a) FROM t", "not unnested"),
        ("SELECT row_number() OVER () FROM t", "numbers rows anew"),
        ("SELECT row_number() OVER (PARTITION BY a) FROM t", "numbers rows anew"),
        ("SELECT list(a ORDER BY b DESC) FROM t", "ordered upwards"),
        ("SELECT list(DISTINCT a ORDER BY b) FROM t", "ordered by themselves"),
        ("SELECT list_slice(a, 1, 2) FROM t", "only the last"),
        ("SELECT jaro_similarity(a, b) FROM t", "jaro_similarity is not known on Spark"),
    ],
)
def test_what_nobody_has_thought_about_is_refused(sql: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        on_spark(sql)


def test_a_macro_takes_its_arguments_as_they_are_and_may_call_others() -> None:
    macros: dict[str, Macro] = {}
    sql = """
        CREATE MACRO twice(n) AS 2 * n;
        CREATE MACRO both(n, m) AS twice(m) - n;
        CREATE VIEW v AS SELECT both(a + 1, n) FROM t;
    """
    (view,) = spark_relations(sql, macros)

    assert view.query == "SELECT ((2 * n) - (a + 1)) FROM t"
    assert (view.name, view.is_kept) == ("v", False)


def test_a_macro_with_the_wrong_number_of_arguments_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        list(spark_relations("CREATE MACRO one(n) AS n; CREATE TABLE t AS SELECT one(1, 2)", {}))


def test_other_statements_than_relations_are_refused() -> None:
    with pytest.raises(ValueError, match="only tables, views and macros"):
        list(spark_relations("DROP TABLE t", {}))


def test_every_view_can_be_said_on_spark() -> None:
    macros: dict[str, Macro] = {}
    for definition in proration_macros(
        Proration(convention="thirty_360", rounding="half_even", first_month="free"), 100
    ):
        assert list(spark_relations(definition, macros)) == []
    steps = (*SERVICE_STEPS, *SERIAL_STEPS, *DOCUMENT_STEPS)
    made = [relation for step in steps for relation in spark_relations(view_sql(step), macros)]

    assert {"charge_view", "service_state_view", "equipment_view", "bill_view"} <= {each.name for each in made}
    assert not any("PRORATED" in each.query or "//" in each.query for each in made)


def test_a_rule_keeps_its_own_words_for_spark() -> None:
    rule = RuleSql("RL-X", "bill", "`state` = 'it\\'s' OR `is_disputed`", "`billed_amount` DIV 2", "cost", "cost")

    query = found_on_spark(rule)

    assert "WHERE ((`state` = 'it\\'s' OR `is_disputed`))" in query
    assert "CAST(((`billed_amount` DIV 2)) AS BIGINT) AS exposure" in query


def test_rules_of_one_direction_and_class_are_asked_together() -> None:
    rules = [RuleSql(f"R-{n}", "bill", "true", "1", "by_sign" if n > 1 else "cost", "cost") for n in range(4)]
    query = hits_on_spark(rules)

    assert query.count("UNION ALL") == 1
    assert "rule_id IN ('R-2', 'R-3')" in query
