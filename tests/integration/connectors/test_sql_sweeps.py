"""Sweeps over the keys of a table, on real databases."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError
from connectors.ports import Page, Source, StreamRead, SystemSettings
from tests.fakes.sql_databases import SqlDatabase

Open = Callable[[SystemSettings], Source]
NOW = datetime(2026, 11, 5, tzinfo=UTC)
STAMPS = {"sqlite": "text", "postgresql": "timestamp", "mariadb": "datetime"}
READ = StreamRead(
    "lines",
    "line",
    ("bill", "number", "changed"),
    ("bill", "number"),
    "changed",
    timedelta(0),
    page_size=7,
    options={"deleted_column": "gone", "rows_per_statement": 9},
)


@pytest.fixture
def lines(source_database: SqlDatabase) -> SqlDatabase:
    source_database.run(
        "CREATE TABLE line (bill varchar(9) NOT NULL, number int NOT NULL, "
        f"changed {STAMPS[source_database.kind]}, gone int, PRIMARY KEY (bill, number))"
    )
    source_database.fill("line", [(f"B{n // 5}", n % 5, f"2026-11-01 10:{n:02}:00", None) for n in range(30)])
    return source_database


def pull(source: Source, hour: int, resume: dict[str, Any] | None, **options: Any) -> list[Page]:
    read = replace(READ, hub_clock=NOW + timedelta(hours=hour), options=READ.options | options)
    return list(source.pages(read, json.loads(json.dumps(resume))))


def held(pages: list[Page]) -> list[tuple[str, ...]]:
    return [key for page in pages for key in page.held]


def test_a_sweep_tells_every_key_that_is_there_once_a_day(lines: SqlDatabase, open_: Open) -> None:
    source = open_(lines.settings)
    first = pull(source, 0, None)
    assert held(first) == []  # all rows were seen
    lines.run("DELETE FROM line WHERE bill = 'B2'")
    lines.run("UPDATE line SET gone = 1, changed = '2026-11-02 10:00:00' WHERE bill = 'B3' AND number = 0")
    soon = pull(source, 23, first[-1].resume)
    assert (held(soon), [page.swept for page in soon]) == ([], [False])
    due = pull(source, 24, soon[-1].resume)
    wanted = {(f"B{n // 5}", str(n % 5)) for n in range(30) if n // 5 != 2 and n != 15}
    assert (set(held(due)), len(held(due))) == (wanted, len(wanted))
    assert [(page.last, page.swept) for page in due] == [(False, False), (True, True)]
    assert [page.swept for page in pull(source, 47, due[-1].resume)] == [False]
    assert pull(source, 48, due[-1].resume)[-1].swept


def test_a_sweep_that_breaks_begins_anew_and_the_changes_before_it_count(lines: SqlDatabase, open_: Open) -> None:
    source = open_(lines.settings)
    first = pull(source, 0, None)
    lines.run("UPDATE line SET changed = '2026-11-02 10:00:00' WHERE bill = 'B4' AND number = 0")
    changes, _ = pull(source, 24, first[-1].resume)
    assert [record["bill"] for record in changes.records][-1] == "B4"
    again = pull(source, 25, changes.resume)
    assert (len(held(again)), again[-1].swept) == (30, True)
    assert len([record for page in again for record in page.records]) == 1  # the row at the cursor itself


def test_a_first_pull_that_breaks_is_not_taken_for_one_that_saw_every_key(lines: SqlDatabase, open_: Open) -> None:
    source = open_(lines.settings)
    begun, *_ = pull(source, 0, None)
    ended = pull(source, 10, begun.resume)
    assert held(ended) == []
    assert held(pull(source, 33, ended[-1].resume)) == []
    assert len(held(pull(source, 34, ended[-1].resume))) == 30


def test_sweeps_may_be_left_out_or_asked_for_in_each_pull(lines: SqlDatabase, open_: Open) -> None:
    source = open_(lines.settings)
    resume = pull(source, 0, None, sweep_hours=0)[-1].resume
    assert len(held(pull(source, 0, resume, sweep_hours=0))) == 30
    assert held(pull(source, 999, resume, sweep_hours="never")) == []
    with pytest.raises(ConfigurationError, match="lines: options: sweep_hours: a number from 0 on"):
        pull(source, 0, resume, sweep_hours="sometimes")
