"""A database as a billing system: what changes in its tables changes in the hub."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.sync import sync_stream
from hub.workplace import Hub
from storage.extract import row_counts
from tests.fakes.one_stream_operator import hub_of, write_operator

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


@pytest.fixture
def bills(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "bills.db", isolation_level=None)) as owner:
        owner.execute("CREATE TABLE line (id TEXT PRIMARY KEY, account, code, amount REAL, first_day, changed, gone)")
        owner.executemany(
            "INSERT INTO line VALUES (?, ?, 'SLV', 54.99, '2026-10-01', ?, 0)",
            [(f"L{number:02}", f"A{number}", f"2026-11-01 01:{number:02}:00") for number in range(40)],
        )
        yield owner


def lines_held(hub: Hub) -> int:
    with hub.database.reading() as connection:
        return row_counts(connection)["ChargeLine"]


def test_a_table_with_local_times_is_read_by_its_changes(bills: sqlite3.Connection, tmp_path: Path) -> None:
    options = "{zone: America/Denver, deleted_column: gone, deleted_values: [1]}"
    folder = write_operator(tmp_path / "operator", "sql", "line", options=options, cursor="changed")
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        first = sync_stream(hub, "bills", "bill-lines", NOW)
        assert (first.counts.read, first.counts.rejected, first.source_total) == (40, 0, 40)
        bills.execute("UPDATE line SET amount = 59.99, changed = '2026-11-02 08:00:00' WHERE id = 'L07'")
        bills.execute("UPDATE line SET gone = 1, changed = '2026-11-02 09:00:00' WHERE id = 'L08'")
        second = sync_stream(hub, "bills", "bill-lines", NOW)
        assert second.counts.changed == 1
        assert second.counts.read < 40
        assert lines_held(hub) == 39


def test_a_table_without_a_cursor_is_swept_and_what_it_lacks_is_gone(
    bills: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = write_operator(tmp_path / "operator", "sql", "line", options="{zone: America/Denver}")
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        sync_stream(hub, "bills", "bill-lines", NOW)
        bills.execute("DELETE FROM line WHERE id IN ('L03', 'L30')")
        second = sync_stream(hub, "bills", "bill-lines", NOW)
        assert second.counts.read == 38
        assert lines_held(hub) == 38
        bills.execute("DELETE FROM line WHERE id > 'L05'")
        with pytest.raises(UnsafeToContinue, match="more than 50 %"):
            sync_stream(hub, "bills", "bill-lines", NOW)
        assert lines_held(hub) == 38


def test_rows_that_left_without_a_mark_are_found_by_the_sweep_of_the_day(
    bills: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = write_operator(
        tmp_path / "operator", "sql", "line", options="{zone: America/Denver}", cursor="changed", page_size=5
    )
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        sync_stream(hub, "bills", "bill-lines", NOW)
        bills.execute("DELETE FROM line WHERE id IN ('L03', 'L30')")
        bills.execute("UPDATE line SET changed = '2026-11-05 06:00:00' WHERE id = 'L05'")
        soon = sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=23))
        assert (soon.counts.deleted, lines_held(hub)) == (0, 40)
        swept = sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=24))
        assert (swept.counts.deleted, lines_held(hub)) == (2, 38)
        assert any(told.endswith("count as deleted: L03, L30") for told in swept.warnings)
        bills.execute("DELETE FROM line WHERE id = 'L04'")
        again = sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=47))
        assert (again.counts.deleted, lines_held(hub)) == (0, 38)
        bills.execute("DELETE FROM line WHERE id > 'L05'")
        bills.executemany(
            "INSERT INTO line VALUES (?, 'A', 'SLV', 1, '2026-10-01', '2026-11-02 08:00:00', 0)",
            [(f"X{number}",) for number in range(40)],  # so that the total tells nothing
        )
        with pytest.raises(UnsafeToContinue, match="known records are not in the source any more"):
            sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=48))
        assert lines_held(hub) >= 38


def test_a_key_that_identifies_no_row_is_among_the_warnings(bills: sqlite3.Connection, tmp_path: Path) -> None:
    query = "{query: 'SELECT * FROM line UNION ALL SELECT * FROM line WHERE id = ''L01''', zone: America/Denver}"
    folder = write_operator(tmp_path / "operator", "sql", "lines", options=query, page_size=50)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        outcome = sync_stream(hub, "bills", "bill-lines", NOW)
    assert any("share their key (id)" in told for told in outcome.warnings)
