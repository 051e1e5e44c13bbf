"""Files as a billing system: taken once, whole or by changes, through the hub."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.sync import sync_stream
from hub.workplace import Hub
from storage.extract import row_counts
from storage.feeds import feed_states
from tests.fakes.one_stream_operator import hub_of, write_operator

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
GERMAN = {"amount": "text", "minor": "MONEY(REPLACE(REPLACE(amount, '.', ''), ',', '.'), 2)"}


def lay(folder: Path, name: str, numbers: range, amount: str = "54,99", ending: str = "") -> None:
    folder.mkdir(exist_ok=True)
    rows = [f"L{n:02};A{n};SLV;{amount};2026-10-01;" for n in numbers]
    text = "\n".join(["id;account;code;amount;first_day;changed", *rows, ending, ""])
    (folder / name).write_text(text, encoding="utf-8")


def lines_held(hub: Hub) -> int:
    with hub.database.reading() as connection:
        return row_counts(connection)["ChargeLine"]


def test_changes_are_taken_file_by_file_and_nothing_is_taken_for_gone(tmp_path: Path) -> None:
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options="{settle_s: 0}", **GERMAN)
    with hub_of(folder, tmp_path / "work", str(tmp_path / "feed")) as hub:
        lay(tmp_path / "feed", "lines-1.csv", range(12))
        first = sync_stream(hub, "bills", "bill-lines", NOW)
        assert (first.counts.read, first.counts.rejected, lines_held(hub)) == (12, 0, 12)
        assert any("delimiter ; found out" in told for told in first.warnings)
        lay(tmp_path / "feed", "lines-2.csv", range(10, 14), "1.059,99")
        second = sync_stream(hub, "bills", "bill-lines", NOW)
        assert (second.counts.read, second.counts.changed, lines_held(hub)) == (4, 4, 14)
        third = sync_stream(hub, "bills", "bill-lines", NOW)
        assert (third.counts.read, lines_held(hub)) == (0, 14)


def test_what_the_newest_whole_does_not_hold_is_gone(tmp_path: Path) -> None:
    options = "{settle_s: 0, mode: full}"
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options=options, **GERMAN)
    with hub_of(folder, tmp_path / "work", str(tmp_path / "feed")) as hub:
        lay(tmp_path / "feed", "lines-1.csv", range(12))
        sync_stream(hub, "bills", "bill-lines", NOW)
        sync_stream(hub, "bills", "bill-lines", NOW)  # nothing new: nothing is gone
        assert lines_held(hub) == 12
        lay(tmp_path / "feed", "lines-2.csv", range(3, 13))
        outcome = sync_stream(hub, "bills", "bill-lines", NOW)
        assert (outcome.source_total, lines_held(hub)) == (10, 10)
        assert any("L00, L01, L02" in told for told in outcome.warnings)
        lay(tmp_path / "feed", "lines-3.csv", range(3, 5))
        with pytest.raises(UnsafeToContinue, match=r"the source holds 2 records, 10 at the last pull"):
            sync_stream(hub, "bills", "bill-lines", NOW)
        assert lines_held(hub) == 10


def test_a_feed_of_files_is_as_fresh_as_its_last_file(tmp_path: Path) -> None:
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options="{settle_s: 0}", **GERMAN)
    day = timedelta(days=1)

    def fresh_as_of(hub: Hub, moment: datetime) -> datetime | None:
        sync_stream(hub, "bills", "bill-lines", moment)
        with hub.database.reading() as connection:
            return feed_states(connection, moment)["bills", "bill-lines"].last_success_at

    def lay_at(name: str, written: datetime) -> None:
        lay(tmp_path / "feed", name, range(3))
        os.utime(tmp_path / "feed" / name, (written.timestamp(), written.timestamp()))

    with hub_of(folder, tmp_path / "work", str(tmp_path / "feed")) as hub:
        lay_at("lines-2.csv", NOW - day)
        assert fresh_as_of(hub, NOW) == NOW - day
        assert fresh_as_of(hub, NOW + 3 * day) == NOW - day  # nothing came, so nothing newer is known
        lay_at("lines-3.csv", NOW + 5 * day)
        assert fresh_as_of(hub, NOW + 4 * day) == NOW + 4 * day  # clocks differ, and nobody tells the future
        lay_at("lines-1.csv", NOW + 6 * day)
        assert fresh_as_of(hub, NOW + 7 * day) == NOW + 5 * day  # an older one that comes late tells what was
        lay_at("lines-3.csv", NOW + 7 * day)
        assert fresh_as_of(hub, NOW + 8 * day) == NOW + 7 * day  # written again, with the same content


def test_a_file_that_contradicts_its_trailer_changes_nothing(tmp_path: Path) -> None:
    options = "{settle_s: 0, trailer: {first: SUM, count: 2}}"
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options=options, **GERMAN)
    with hub_of(folder, tmp_path / "work", str(tmp_path / "feed")) as hub:
        lay(tmp_path / "feed", "lines-1.csv", range(12), ending="SUM;13")
        with pytest.raises(UnsafeToContinue, match=r"lines-1\.csv: its trailer counts 13 rows"):
            sync_stream(hub, "bills", "bill-lines", NOW)
        assert lines_held(hub) == 0
        lay(tmp_path / "feed", "lines-1.csv", range(12), ending="SUM;12")
        sync_stream(hub, "bills", "bill-lines", NOW)
        assert lines_held(hub) == 12


def test_a_row_with_a_field_too_many_is_set_aside(tmp_path: Path) -> None:
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options="{settle_s: 0}", **GERMAN)
    with hub_of(folder, tmp_path / "work", str(tmp_path / "feed")) as hub:
        lay(tmp_path / "feed", "lines-1.csv", range(12), ending="L99;A99;SLV;1;54,99;2026-10-01;")
        outcome = sync_stream(hub, "bills", "bill-lines", NOW)
    assert (outcome.counts.read, outcome.counts.rejected) == (13, 1)
    assert any("line 14: 7 fields, where 6 are expected" in told for told in outcome.warnings)
