"""Looks at single rows of real databases, to see what became of a write to another system."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from canonical_model.errors import ConfigurationError, RetryableError, UnsafeToContinue
from connectors.commands import sight_of
from connectors.discovery import open_observer
from connectors.ports import Expected, Look, Observer
from tests.fakes.sql_databases import SqlDatabase

LOOK = Look("radacct", {"session": "S-1"}, {}, (Expected("policy", "text", "gold"),))


@pytest.fixture
def database(source_database: SqlDatabase) -> SqlDatabase:
    source_database.run("CREATE TABLE radacct (number int, session varchar(20), policy varchar(20), ended int)")
    source_database.fill("radacct", [(7, "S-1", "gold", None), (8, "S-2", "silver", 1), (9, "S-3", "a", 1)])
    source_database.fill("radacct", [(10, "S-3", "b", None)])
    return source_database


@pytest.fixture
def observer(database: SqlDatabase) -> Iterator[Observer]:
    opened = open_observer(database.settings)
    yield opened
    opened.close()
    opened.close()


def test_a_row_is_seen_as_it_is_now(database: SqlDatabase, observer: Observer) -> None:
    assert sight_of(LOOK, observer.observe(LOOK)) == "applied"
    database.run("UPDATE radacct SET policy = 'bronze' WHERE session = 'S-1'")
    assert sight_of(LOOK, observer.observe(LOOK)) == "differs"
    assert observer.observe(replace(LOOK, key={"session": "S-9"})) is None


def test_a_key_of_numbers_is_told_as_text(observer: Observer) -> None:
    assert sight_of(LOOK, observer.observe(replace(LOOK, key={"number": "7", "session": "S-1"}))) == "applied"


def test_a_query_says_what_no_column_does(observer: Observer) -> None:
    query = "SELECT session, CASE WHEN ended IS NULL THEN 'open' ELSE 'over' END AS state FROM radacct"
    look = Look("sessions", {"session": "S-2"}, {}, (Expected("state", "text", "over"),), {"query": query})
    assert sight_of(look, observer.observe(look)) == "applied"


def test_of_several_rows_the_newest_is_taken_where_a_column_tells(observer: Observer) -> None:
    several = replace(LOOK, key={"session": "S-3"})
    with pytest.raises(UnsafeToContinue, match="two rows under one key"):
        observer.observe(several)
    newest = observer.observe(replace(several, options={"newest": "number"}))
    assert newest is not None
    assert newest["policy"] == "b"


def test_a_value_is_never_part_of_a_statement(observer: Observer) -> None:
    assert observer.observe(replace(LOOK, key={"session": "' OR '1'='1"})) is None


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (replace(LOOK, key={"sesion": "S-1"}), "column sesion does not exist; did you mean session?"),
        (replace(LOOK, target="radact"), "radac"),
        (replace(LOOK, options={"query": "DELETE FROM radacct"}), "only reading is allowed"),
        (replace(LOOK, options={"query": 7}), "query is a text"),
    ],
)
def test_what_cannot_be_looked_at_is_told(observer: Observer, look: Look, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        observer.observe(look)


@pytest.mark.parametrize("source_database", ["postgresql", "mariadb"], indirect=True)
def test_a_server_that_is_away_cannot_be_looked_at_now(database: SqlDatabase) -> None:
    away = open_observer(database.by_way_of(9, timeout_s=2.0))
    with pytest.raises(RetryableError):
        away.observe(LOOK)
