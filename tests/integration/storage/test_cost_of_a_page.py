"""A page costs what is in it, however much is stored already: no statement reads a table as a whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, text

from storage.database import Database, open_database
from storage.pages import MappedRecord
from tests.integration.conftest import MakeDatabase
from tests.integration.storage.page_builders import Stream, bill, unusable

STORED = 3000
IN_A_PAGE = 20


def page() -> list[MappedRecord]:
    """Some of everything: new, changed, unchanged, refused."""
    same = [bill(f"L{number}", 1) for number in range(IN_A_PAGE // 2)]
    changed = [bill(f"L{number}", 2) for number in range(100, 100 + IN_A_PAGE // 2)]
    return [*same, *changed, bill("new", 3), unusable("L200")]


@pytest.fixture
def filled_postgresql(make_database: MakeDatabase) -> Iterator[Database]:
    """Filled for the first time, so that the planner knows nothing of it."""
    database = open_database(make_database("postgresql"))
    bills = Stream(database)
    bills.store(*(bill(f"L{number}", 1) for number in range(STORED)))
    bills.store(*(unusable(f"Q{number}") for number in range(STORED)))
    yield database
    database.close()


def test_postgresql_reads_few_rows_without_having_statistics(filled_postgresql: Database) -> None:
    bills = Stream(filled_postgresql)
    read = {}

    def note(connection: Connection) -> None:
        for row in connection.execute(
            text(
                "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows_read"
                " FROM pg_stat_xact_user_tables WHERE relname IN ('charge_line', 'landing', 'quarantine')"
            )
        ):
            read[row.relname] = row.rows_read

    event.listen(filled_postgresql.engine, "commit", note)
    bills.store(*page(), deleted=["L300"])

    assert set(read) == {"charge_line", "landing", "quarantine"}
    assert max(read.values()) <= 6 * IN_A_PAGE, read


@contextmanager
def statements_of(database: Database) -> Iterator[list[tuple[str, object]]]:
    seen: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_sqlite_looks_up_each_row_by_an_index(make_database: MakeDatabase) -> None:
    database = open_database(make_database("sqlite"))
    bills = Stream(database)
    with statements_of(database) as seen:
        bills.store(*page(), deleted=["L300"])

    explained = [
        each for each in seen if each[0].startswith(("UPDATE", "SELECT", "INSERT INTO landing", "INSERT INTO charge"))
    ]
    assert len(explained) > 5
    with database.writing() as connection:
        plans = [
            step[-1]
            for statement, parameters in explained
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    database.close()
    assert [step for step in plans if "SCAN" in step and "stage_" not in step and "CONSTANT" not in step] == []
    assert any("charge_line USING" in step for step in plans)
    for step in plans:
        if step.startswith("SEARCH") and ("charge_line" in step or "landing" in step):
            assert "landed_id=?" in step or "source_id=?" in step, step
