"""Every statement of the sql connector in the spelling of databases that no test can run here.

What is compiled is read again by a parser of that kind of database, which is not SQLAlchemy's, and looked at as a
tree. MariaDB runs the same statements as MySQL in the integration tests, so that its spelling is known to be right.
"""

from typing import Any

import pytest
import sqlglot
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import Select
from sqlglot import exp

from connectors.sql.statements import (
    DELETED,
    MOST_PARAMETERS,
    Stage,
    Wanted,
    counts_of,
    description_of,
    elements_of,
    is_deleted,
    named_source,
    parents_a_statement,
    query_source,
    rows_of,
)


def _oracle(version: tuple[int, ...]) -> Dialect:
    made = oracle.dialect(paramstyle="named")
    made.server_version_info = version
    made._supports_offset_fetch = version >= (12,)
    return made


DIALECTS: dict[str, tuple[str, Dialect]] = {
    "mysql": ("mysql", mysql.dialect(paramstyle="named")),
    "mssql": ("tsql", mssql.dialect(paramstyle="named")),
    "oracle": ("oracle", _oracle((19,))),
    "oracle 11": ("oracle", _oracle((11, 2))),
}
EACH = pytest.mark.parametrize("name", DIALECTS)
POSITION = ("2026-01-01", "B1", 7)


def spelled(name: str, statement: Select[Any]) -> str:
    _, dialect = DIALECTS[name]
    return str(statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))


def parsed(name: str, statement: Select[Any]) -> exp.Select:
    language, _ = DIALECTS[name]
    (tree,) = sqlglot.parse(spelled(name, statement), dialect=language)
    assert isinstance(tree, exp.Select)
    return tree


def wanted(name: str, **changes: Any) -> Wanted:
    known: dict[str, Any] = {
        "source": named_source("billing.bill_line", None),
        "columns": ("bill", "lineNo", "order", "changed"),
        "key": ("bill", "lineNo"),
        "cursor": "changed",
        "deleted": is_deleted("state", ["X", None]),
        "compares_rows": False,
        "has_zero_dates": name == "mysql",
    }
    return Wanted(**{**known, **changes})


def limit_of(tree: exp.Select) -> tuple[str, str]:
    """How a tree is limited: the keyword, and its number."""
    found = tree.args.get("limit")
    if isinstance(found, exp.Fetch):
        return "FETCH", found.args["count"].name
    return ("LIMIT", found.expression.name) if isinstance(found, exp.Limit) else ("", "")


def conditions(tree: exp.Select) -> str:
    return tree.args["where"].sql()


@EACH
@pytest.mark.parametrize("stage", ["nameless", "undated", "dated"])
@pytest.mark.parametrize("is_first", [True, False])
def test_rows_are_read_by_their_place_in_the_order_and_never_by_an_offset(
    name: str, stage: Stage, is_first: bool
) -> None:
    position = None if is_first else POSITION if stage == "dated" else POSITION[1:]
    text = spelled(name, rows_of(wanted(name), stage, "2025-12-31", position, 100))
    assert "OFFSET" not in text
    if name == "oracle 11":  # no FETCH yet: the order stands inside, the numbers of rows outside
        assert text.rstrip().startswith("SELECT anon_1.bill")
        assert "ROWNUM <= " in text
        return
    tree = parsed(name, rows_of(wanted(name), stage, "2025-12-31", position, 100))
    keyword = {"mysql": "LIMIT", "mssql": "LIMIT", "oracle": "FETCH"}[name]  # the parser calls TOP a limit too
    assert limit_of(tree)[0] == keyword
    assert ("SELECT TOP 100 " in text) == (name == "mssql")
    assert ("FETCH FIRST" in text) == (name == "oracle")
    ordered = [one.this.name for one in tree.args["order"].expressions] if tree.args.get("order") else []
    assert ordered == {"nameless": [], "undated": ["bill", "lineNo"], "dated": ["changed", "bill", "lineNo"]}[stage]
    assert [one.alias_or_name for one in tree.selects] == ["bill", "lineNo", "order", "changed", DELETED]


@pytest.mark.parametrize("name", ["mysql", "mssql", "oracle"])
def test_the_place_in_an_order_of_several_columns_is_told_column_by_column(name: str) -> None:
    """``(a, b) >= (x, y)`` is unknown to SQL Server and Oracle, and uses no index on MySQL."""
    told = conditions(parsed(name, rows_of(wanted(name), "dated", None, POSITION, 100)))
    assert "changed >= " in told  # narrows an index
    assert told.count("changed > ") == 1
    assert told.count("changed = ") == 1
    assert told.count("bill > ") == told.count("bill = ") == 1
    assert told.count('"lineNo" >= ') == 1
    assert "(changed, bill" not in told


@EACH
def test_names_are_quoted_where_capitals_blanks_or_reserved_words_need_it(name: str) -> None:
    source = named_source("bill line", "old-billing")
    text = spelled(name, rows_of(wanted(name, source=source), "dated", None, None, 9))
    left, right = {"mysql": "``", "mssql": "[]"}.get(name, '""')
    for each in ("lineNo", "order", "bill line", "old-billing"):
        assert f"{left}{each}{right}" in text
    assert f"{left}changed{right}" not in text  # may be spelled in any capitals there


@EACH
def test_a_key_of_one_column_and_a_pull_without_a_cursor(name: str) -> None:
    told = spelled(name, rows_of(wanted(name, key=("bill",), cursor=None), "dated", None, ("B1",), 100))
    assert "bill >= :" in told
    assert "bill > " not in told
    assert "ORDER BY bill" in " ".join(told.split())


@EACH
def test_rows_and_what_is_missing_are_counted_in_one_statement(name: str) -> None:
    tree = parsed(name, counts_of(wanted(name)))
    assert [type(one.unalias()).__name__ for one in tree.selects] == ["Count", "Sum", "Sum", "Count", "Count"]
    assert "LIMIT" not in tree.sql()


@EACH
def test_columns_are_asked_for_without_a_row(name: str) -> None:
    text = " ".join(spelled(name, description_of(named_source("bill_line", "billing"))).split())
    assert text == "SELECT * FROM billing.bill_line WHERE 1 = 0"


@EACH
@pytest.mark.parametrize("columns", [1, 2, 3, 5])
def test_elements_of_many_parents_stay_below_the_bound_of_parameters(name: str, columns: int) -> None:
    parent = tuple(f"p{number}" for number in range(columns))
    keys = [tuple(range(columns))] * parents_a_statement(columns)
    statement = elements_of(named_source("line_tax", "billing"), parent, keys, ("position",), compares_rows=False)
    compiled = statement.compile(dialect=DIALECTS[name][1], compile_kwargs={"render_postcompile": True})
    assert len(compiled.params) <= MOST_PARAMETERS
    tree = parsed(name, statement)
    assert [one.this.name for one in tree.args["order"].expressions] == [*parent, "position"]
    assert (" IN (" in str(compiled)) == (columns == 1)


@EACH
def test_a_query_of_the_operator_is_a_derived_table_whatever_stands_at_its_end(name: str) -> None:
    query = "SELECT bill, changed FROM raw_line WHERE note <> 'a:b' -- all of them"
    text = spelled(
        name,
        rows_of(
            wanted(name, source=query_source(query), columns=("bill", "changed"), key=("bill",), deleted=None),
            "dated",
            None,
            None,
            10,
        ),
    )
    assert "-- all of them\n) splice_rows" in text  # no AS, which Oracle has not before a table's other name
    assert "'a:b'" in text.replace("\\:", ":")


def test_a_zero_date_of_mysql_counts_as_none() -> None:
    undated = conditions(parsed("mysql", rows_of(wanted("mysql"), "undated", None, None, 10)))
    assert "changed IS NULL OR changed < " in undated
    assert "changed < " not in conditions(parsed("mssql", rows_of(wanted("mssql"), "undated", None, None, 10)))
