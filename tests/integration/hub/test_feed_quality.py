"""A stream that brings too little, too much, or nothing new: told, or stopped where the mapping says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.sync import StreamOutcome, sync_stream
from hub.workplace import Hub
from storage.extract import row_counts
from storage.streams import stream_state
from tests.fakes.one_stream_operator import hub_of, write_operator

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


@pytest.fixture
def bills(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "bills.db", isolation_level=None)) as owner:
        owner.execute("CREATE TABLE line (id TEXT PRIMARY KEY, account, code, amount REAL, first_day, changed)")
        yield owner


def add(bills: sqlite3.Connection, day: int, count: int) -> None:
    stamp = (NOW + timedelta(days=day, hours=-1)).strftime("%Y-%m-%d %H:%M:%S")
    bills.executemany(
        "INSERT INTO line VALUES (?, 'A1', 'SLV', 54.99, '2026-10-01', ?)",
        [(f"L{day}-{number}", stamp) for number in range(count)],
    )


def with_feed(tmp_path: Path, feed: str) -> Path:
    folder = write_operator(tmp_path / "operator", "sql", "line", options="{zone: UTC}", cursor="changed")
    (file,) = (folder / "mappings").glob("*.yaml")
    file.write_text(f"{file.read_text(encoding='utf-8')}\nfeed: {feed}\n", encoding="utf-8")
    return folder


def pulled(hub: Hub, day: int) -> StreamOutcome:
    return sync_stream(hub, "bills", "bill-lines", NOW + timedelta(days=day))


def test_a_thin_day_is_told_and_a_usual_one_is_not(bills: sqlite3.Connection, tmp_path: Path) -> None:
    folder = with_feed(tmp_path, "{volume: {days: 7, least_percent: 50, most_percent: 300}}")
    add(bills, -1, 200)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        told = []
        for day, count in enumerate([0, 20, 20, 20, 20, 5, 100]):
            add(bills, day, count)
            told.append(pulled(hub, day).warnings)
    assert told[:5] == [[]] * 5  # the first pull brought everything, and is no usual day
    assert "5 records changed within a day, 25 % of the usual 20" in told[5][0]
    assert "at most 300 % are expected" in told[6][0]


def test_a_stale_stream_is_stopped_where_its_mapping_says_so_and_goes_on_with_the_next_change(
    bills: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = with_feed(tmp_path, "{freshness: {within: 48h, severity: critical}}")
    add(bills, 0, 10)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        assert pulled(hub, 0).warnings == []
        with pytest.raises(UnsafeToContinue, match="must not be older than 48 h, and it is of 2026-11-05 11:00"):
            pulled(hub, 4)
        with hub.database.reading() as connection:
            assert stream_state(connection, "bills", "bill-lines").last_success_at == NOW
        add(bills, 5, 1)
        pulled(hub, 5)
        with hub.database.reading() as connection:
            assert stream_state(connection, "bills", "bill-lines").last_success_at == NOW + timedelta(days=5)
            assert row_counts(connection)["ChargeLine"] == 11


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        ("{volume: {days: 1}}", "feed.volume.days"),
        ("{volume: {least_percent: 120}}", "feed.volume.least_percent"),
        ("{freshness: {within: 2 days}}", "a number with a unit is expected"),
        ("{freshnes: {within: 2d}}", "nearest: freshness"),
    ],
)
def test_a_wrong_rule_is_told_with_its_place(tmp_path: Path, feed: str, told: str) -> None:
    folder = with_feed(tmp_path, feed)
    with pytest.raises(ConfigurationError, match=told), hub_of(folder, tmp_path / "work", "sqlite:///nowhere.db"):
        pass
