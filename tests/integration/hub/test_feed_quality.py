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
from storage.quality_results import results_of_pulls
from storage.stream_history import latest_pulls
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


def pulled(hub: Hub, day: int, **late: int) -> StreamOutcome:
    return sync_stream(hub, "bills", "bill-lines", NOW + timedelta(days=day, **late))


def results(hub: Hub) -> list[tuple[str, str, str]]:
    """Of every pull, the oldest first: rule, verdict, and what was there."""
    with hub.database.reading() as connection:
        pulls = [pull.id for pull in latest_pulls(connection, "bills", "bill-lines", 99)]
        found = [one.judgement for one in results_of_pulls(connection, pulls)][::-1]
    return [(one.name, one.verdict, one.observed) for one in found if not one.entity]


def test_a_thin_day_is_told_and_a_usual_one_is_not(bills: sqlite3.Connection, tmp_path: Path) -> None:
    folder = with_feed(tmp_path, "{volume: {days: 7, least_percent: 50, most_percent: 300}}")
    add(bills, -1, 200)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        told = []
        for day, count in enumerate([0, 20, 20, 20, 20, 5, 100]):
            add(bills, day, count)
            told.append(pulled(hub, day).warnings)
        assert [verdict for _, verdict, _ in results(hub)] == ["not_judged"] * 4 + ["passed", "told", "told"]
        assert results(hub)[3][2] == "not enough history: 2 of 3 days before"
    assert told[:5] == [[]] * 5  # the first pull brought everything, and is no usual day
    assert "5 records changed within a day, 25 % of the usual 20" in told[5][0]
    assert "at most 300 % are expected" in told[6][0]


def test_a_stream_that_rests_on_one_weekday_is_held_against_that_weekday(
    bills: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = with_feed(tmp_path, "{volume: {least_percent: 50}}")
    add(bills, -1, 200)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        for day in range(29):
            add(bills, day, 1 if day % 7 == 0 else 30)
            pulled(hub, day)
        found = results(hub)
    assert [found[day][1] for day in (7, 14, 21)] == ["told"] * 3  # nobody could know
    assert found[28][1:] == ("passed", "1 records changed within a day, 100 % of the usual 1 of this weekday")
    assert {verdict for _, verdict, _ in found[4:7] + found[8:14]} == {"passed"}


def test_a_holiday_is_not_judged_and_that_is_told(bills: sqlite3.Connection, tmp_path: Path) -> None:
    folder = with_feed(tmp_path, "{volume: {days: 7, least_percent: 50}}")
    operator = folder / "operator.yaml"
    of_market = "technology: pon, holidays: [2026-11-09]"
    operator.write_text(operator.read_text(encoding="utf-8").replace("technology: pon", of_market), encoding="utf-8")
    add(bills, -1, 200)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        for day in range(8):
            add(bills, day, 1 if day == 5 else 20)  # the day that ends on 10 November at noon is the 9th
            assert pulled(hub, day).warnings == []
        found = results(hub)
    assert found[5][1:] == ("not_judged", "not enough history: the last day was a holiday")
    assert found[6][2].endswith("100 % of the usual 20")


def test_nightly_pulls_are_never_quite_punctual(bills: sqlite3.Connection, tmp_path: Path) -> None:
    folder = with_feed(tmp_path, "{volume: {days: 7, least_percent: 90, most_percent: 110}}")
    add(bills, -1, 200)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        for day, minutes in enumerate([0, 20, 5, 30, 0, -60, 10, 0]):  # an hour early where clocks are set forward
            add(bills, day, 20)
            assert pulled(hub, day, minutes=minutes).warnings == []
        assert [verdict for _, verdict, _ in results(hub)[4:]] == ["passed"] * 4


def test_days_on_which_the_source_was_away_are_not_usual(bills: sqlite3.Connection, tmp_path: Path) -> None:
    folder = with_feed(tmp_path, "{volume: {days: 7, least_percent: 90}}")
    add(bills, -1, 200)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        for day in range(5):
            add(bills, day, 20)
            pulled(hub, day)
    with (
        hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'elsewhere' / 'bills.db'}") as away,
        pytest.raises(ConfigurationError),
    ):
        pulled(away, 5)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        add(bills, 5, 20)
        add(bills, 6, 20)
        pulled(hub, 6)
        assert results(hub)[-1][1:] == ("passed", "20 records changed within a day, 100 % of the usual 20")


def test_a_stale_stream_is_stopped_where_its_mapping_says_so_and_goes_on_with_the_next_change(
    bills: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = with_feed(tmp_path, "{freshness: {within: 48h, severity: critical}}")
    add(bills, 0, 10)
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as hub:
        assert pulled(hub, 0).warnings == []
        with pytest.raises(UnsafeToContinue, match="must not be older than 48 h, and it is of 2026-11-05 11:00"):
            pulled(hub, 4)
        assert [verdict for _, verdict, _ in results(hub)] == ["passed", "stopped"]
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
