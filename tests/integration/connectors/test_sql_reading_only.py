"""Nothing that the connector sends can write, whatever the rights of its login."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from canonical_model.errors import ConfigurationError
from connectors.ports import Source, StreamRead, SystemSettings
from connectors.sql.access import access_of
from connectors.sql.database import Database
from connectors.sql.dialect import dialect_of
from tests.fakes.sql_databases import SqlDatabase

Open = Callable[[SystemSettings], Source]
READ = StreamRead("things", "thing", ("id",), ("id",))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO thing VALUES (2)",
        "UPDATE thing SET id = 3",
        "DELETE FROM thing",
        "DROP TABLE thing",
        "CREATE TABLE other (id int)",
        "ALTER TABLE thing ADD word varchar(9)",
        "CREATE INDEX extra ON thing (id)",
    ],
)
def test_a_session_refuses_to_write(source_database: SqlDatabase, statement: str) -> None:
    source_database.run("CREATE TABLE thing (id int)")
    source_database.run("INSERT INTO thing VALUES (1)")
    access = access_of(source_database.settings)
    database = Database(access, dialect_of(access))
    with pytest.raises(ConfigurationError, match="refused, as it would write"), database.session("thing") as session:
        session.rows_beside(text(statement))  # type: ignore[arg-type]
    source_database.run("INSERT INTO thing VALUES (9)")  # whose owner may
    assert source_database.run("SELECT id FROM thing ORDER BY id") == [(1,), (9,)]


def test_a_function_that_writes_is_refused_though_it_stands_in_a_select(postgresql: SqlDatabase, open_: Open) -> None:
    postgresql.run("CREATE TABLE thing (id int)")
    postgresql.run("CREATE FUNCTION sneak() RETURNS int LANGUAGE sql AS 'INSERT INTO thing VALUES (2) RETURNING id'")
    for query in (
        "SELECT sneak() AS id",
        "SELECT 1 AS id FROM (SELECT set_config('transaction_read_only', 'off', false), sneak()) x",
    ):
        with pytest.raises(ConfigurationError):
            list(open_(postgresql.settings).pages(replace(READ, options={"query": query}), None))
    assert postgresql.run("SELECT * FROM thing") == []


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM thing",
        "SELECT 1; DELETE FROM thing",
        "SELECT 1 AS id INTO other",
        "SELECT id FROM thing FOR UPDATE",
        "WITH gone AS (DELETE FROM thing RETURNING id) SELECT id FROM gone",
        "SELECT 1 /*! INTO OUTFILE '/tmp/x' */ AS id",
        "SELECT 1 /*M! INTO OUTFILE '/tmp/x' */ AS id",
        "CALL clean_up()",
        "SET x = 1",
        "PRAGMA writable_schema = 1",
        "SELECT id FROM thing WHERE id = :x",
        "SELECT id FROM",
        "",
        "VALUES (1)",
    ],
)
def test_a_query_that_is_not_one_select_is_refused_before_it_is_sent(
    source_database: SqlDatabase, open_: Open, query: str
) -> None:
    source_database.run("CREATE TABLE thing (id int)")
    source_database.run("INSERT INTO thing VALUES (1)")
    with pytest.raises(ConfigurationError, match="things: options: query:"):
        list(open_(source_database.settings).pages(replace(READ, options={"query": query}), None))
    assert source_database.run("SELECT * FROM thing") == [(1,)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM thing;",
        "(SELECT id FROM thing)",
        "SELECT id FROM thing UNION ALL SELECT id FROM thing WHERE 1 = 0",
        "WITH x AS (SELECT id FROM thing) SELECT id FROM x",
    ],
)
def test_a_select_of_any_shape_is_read(source_database: SqlDatabase, open_: Open, query: str) -> None:
    source_database.run("CREATE TABLE thing (id int)")
    source_database.run("INSERT INTO thing VALUES (1)")
    (page,) = open_(source_database.settings).pages(replace(READ, options={"query": query}), None)
    assert page.records == [{"id": 1}]


def test_a_file_is_opened_for_reading_and_never_made(sqlite: SqlDatabase, open_: Open) -> None:
    missing = sqlite.settings.address + ".missing"
    with pytest.raises(ConfigurationError, match="the file cannot be opened"):
        list(open_(replace(sqlite.settings, address=missing)).pages(READ, None))
    with pytest.raises(ConfigurationError, match="the file cannot be opened"):
        list(open_(replace(sqlite.settings, address=missing)).pages(READ, None))  # still not there
