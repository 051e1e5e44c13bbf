"""A step of the views that a bucket need not take has no row where its table has none, and nobody else reads it."""

import pytest
from sqlglot import exp, parse

from reconciliation.analysis_views import DOCUMENT_STEPS, SERIAL_STEPS, SERVICE_STEPS, VIEWS, view_sql
from reconciliation.idle_steps import IDLE_WITHOUT

STEPS = (*SERVICE_STEPS, *SERIAL_STEPS, *DOCUMENT_STEPS)


def made_by(step: str) -> dict[str, exp.Expression]:
    """The queries of a step by the relations they make, those inside of them included."""
    queries: dict[str, exp.Expression] = {}
    for statement in parse(view_sql(step), read="duckdb"):
        if isinstance(statement, exp.Create) and statement.kind in ("TABLE", "VIEW"):
            queries[statement.this.name] = statement.expression
            queries |= {inner.alias: inner.this for inner in statement.expression.find_all(exp.CTE)}
    return queries


def each_row_needs(query: exp.Expression, queries: dict[str, exp.Expression]) -> set[str]:
    """Tables without whose rows a query has none: those that it reads from or joins by an inner join."""
    if not isinstance(query, exp.Select):
        return set()
    read = [query.args["from_"].this, *(join.this for join in query.args.get("joins", ()) if not join.side)]
    needed = {table.name for table in read if isinstance(table, exp.Table)}
    return needed.union(*(each_row_needs(queries[name], queries) for name in needed & queries.keys()))


@pytest.mark.parametrize(("step", "table"), IDLE_WITHOUT.items())
def test_the_view_has_no_row_where_the_table_has_none(step: str, table: str) -> None:
    view = step.partition("_")[2]
    assert view in VIEWS
    queries = made_by(step) | (made_by("58_migration") if step == "59_moved_device" else {})
    assert table in each_row_needs(queries[f"{view}_view"], queries)


@pytest.mark.parametrize(("step", "table"), IDLE_WITHOUT.items())
def test_no_step_reads_what_another_one_left_out_would_have_made(step: str, table: str) -> None:
    makes = made_by(step).keys()
    for other in STEPS:
        if IDLE_WITHOUT.get(other) == table:
            continue
        reads = {read.name for query in made_by(other).values() for read in query.find_all(exp.Table)} - made_by(
            other
        ).keys()
        assert not reads & makes, f"{other} reads {sorted(reads & makes)} of {step}"
