"""What the databases tell of themselves: tables, keys, parts, types, marks of deletion."""

from contextlib import closing

import pytest

from canonical_model.errors import ConfigurationError
from connectors.discovery import open_probe
from connectors.probing import Description
from tests.fakes.sql_databases import SqlDatabase

TABLES = """
CREATE TABLE head (firm VARCHAR(4) NOT NULL, no INTEGER NOT NULL, amount DECIMAL(10,2) NOT NULL, weight FLOAT,
    last_changed TIMESTAMP NULL, is_deleted SMALLINT, PRIMARY KEY (firm, no));
CREATE TABLE head_line (firm VARCHAR(4) NOT NULL, no INTEGER NOT NULL, line INTEGER NOT NULL, words VARCHAR(40),
    PRIMARY KEY (firm, no, line), FOREIGN KEY (firm, no) REFERENCES head (firm, no));
CREATE TABLE letter (id INTEGER NOT NULL PRIMARY KEY, firm VARCHAR(4), no INTEGER,
    FOREIGN KEY (firm, no) REFERENCES head (firm, no));
CREATE TABLE keyless (a VARCHAR(4), b INTEGER);
CREATE VIEW heads AS SELECT firm, no FROM head
"""


@pytest.fixture
def filled(source_database: SqlDatabase) -> SqlDatabase:
    for statement in TABLES.split(";"):
        source_database.run(statement)
    source_database.fill("head", [("A", number, "12.50", 1.5, "2026-10-01 08:00:00", 0) for number in range(1, 6)])
    source_database.fill("head_line", [("A", number, line, "x") for number in range(1, 6) for line in (1, 2)])
    source_database.fill("keyless", [("a", number) for number in range(4)])
    return source_database


def described(database: SqlDatabase, name: str, limit: int = 3) -> Description:
    with closing(open_probe(database.settings)) as probe:
        return probe.describe(name, limit)


def test_tables_and_views_are_listed_and_nothing_of_the_database_itself(filled: SqlDatabase) -> None:
    with closing(open_probe(filled.settings)) as probe:
        found = {one.name: one.label for one in probe.objects()}
    assert found == {"head": "table", "head_line": "table", "letter": "table", "keyless": "table", "heads": "view"}


def test_a_table_with_its_key_its_parts_and_its_marks(filled: SqlDatabase) -> None:
    found = described(filled, "head")
    types = {one.name: str(one.type) for one in found.fields if one.type}
    assert found.key == ("firm", "no")
    assert types | {"is_deleted": "-"} == {
        "firm": "text",
        "no": "integer",
        "amount": "money(2)",
        "weight": "number?",
        "last_changed": "timestamp?",
        "is_deleted": "-",
    }
    assert list(found.lists) == ["head_line"]  # a letter has a key of its own, and is no part
    assert [one.name for one in found.lists["head_line"]] == ["line", "words"]
    assert found.options["lists"] == {
        "head_line": {"object": "head_line", "parent": ["firm", "no"], "order": ["line"]}
    }
    assert (found.options["deleted_column"], found.options["deleted_values"]) == ("is_deleted", [1])
    assert len(found.samples) == 3
    assert found.samples[0]["head_line"] == [{"line": 1, "words": "x"}, {"line": 2, "words": "x"}]


def test_views_and_tables_without_a_key_are_looked_at_all_the_same(filled: SqlDatabase) -> None:
    assert described(filled, "heads").key == ()
    assert [record["b"] for record in described(filled, "keyless", 10).samples].count(0) == 1


def test_a_wrong_name_is_told_with_the_nearest(filled: SqlDatabase) -> None:
    with pytest.raises(ConfigurationError, match="did you mean head"):
        described(filled, "headd")


def test_a_table_in_german_is_read_by_its_changes_and_its_mark(source_database: SqlDatabase) -> None:
    source_database.run(
        "CREATE TABLE kunden (kundennr INTEGER NOT NULL PRIMARY KEY, nachname VARCHAR(40), "
        "angelegt_am TIMESTAMP NULL, geaendert_am TIMESTAMP NULL, geloescht SMALLINT)"
    )
    source_database.fill("kunden", [(1, "Huber", "2026-01-01 08:00:00", "2026-02-01 08:00:00", 0)])
    found = described(source_database, "kunden")
    assert found.cursor == "geaendert_am"
    assert found.options["deleted_column"] == "geloescht"
