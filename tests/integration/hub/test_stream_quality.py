"""The page about the quality of a system's streams: what is well, what is held back and why, and how pulls ended."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.reports.quality_page import render_quality_page, write_quality_page
from hub.stream_quality import StreamQuality, quality_of
from hub.sync import sync_stream
from hub.workplace import Hub
from tests.fakes.one_stream_operator import hub_of, write_operator

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
SUITE = """
quality:
  ChargeLine:
    - {name: no line is above 100.00, expectation: expect_column_values_to_be_between, column: amount_minor,
       max_value: 10000}
    - {name: a code is known, expectation: expect_column_values_to_be_in_set, column: billing_code,
       value_set: [SLV, GLD], severity: warning}
feed: {freshness: {within: 48h}}
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(sqlite3.connect(tmp_path / "bills.db", isolation_level=None)) as owner:
        owner.execute("CREATE TABLE line (id TEXT PRIMARY KEY, account, code, amount REAL, first_day, changed)")
        rows = [(f"L{number}", "A1", "SLV", 54.99, "2026-10-01", "2026-11-05 11:00:00") for number in range(40)]
        rows[3] = ("L3", "A1", "SLV", 154.99, "2026-10-01", "2026-11-05 11:00:00")
        rows[4] = ("L4", "A1", "SLV", "<b>much</b>", "2026-10-01", "2026-11-05 11:00:00")
        owner.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", rows)
    folder = write_operator(tmp_path / "operator", "sql", "line", options="{zone: UTC}", cursor="changed")
    (file,) = (folder / "mappings").glob("*.yaml")
    file.write_text(file.read_text(encoding="utf-8") + SUITE, encoding="utf-8")
    with hub_of(folder, tmp_path / "work", f"sqlite:///{tmp_path / 'bills.db'}") as opened:
        yield opened


def quality(hub: Hub, hours: int = 0) -> StreamQuality:
    (stream,) = quality_of(hub, "bills", NOW + timedelta(hours=hours)).streams
    return stream


def test_what_fails_a_check_is_counted_with_it_and_what_could_not_be_mapped_apart(hub: Hub) -> None:
    sync_stream(hub, "bills", "bill-lines", NOW)
    found = quality(hub)
    assert [(one.name, one.held_back, one.latest and one.latest.verdict) for one in found.checks] == [
        ("no line is above 100.00", 1, "set_aside"),
        ("a code is known", 0, "passed"),
    ]
    assert (found.unusable, found.held_back) == (1, 2)
    assert [(pull.outcome, pull.read, pull.rejected) for pull in found.pulls] == [("succeeded", 40, 2)]
    assert [(one.name, one.latest and one.latest.verdict) for one in found.feed] == [("freshness", "passed")]
    assert (found.standing, found.why) == (
        "held_back",
        "no line is above 100.00: 1 held back; 1 could not be mapped",
    )


def test_a_stream_that_was_never_pulled_and_one_that_is_stale_need_a_look(hub: Hub) -> None:
    assert quality(hub).standing == "never_pulled"
    sync_stream(hub, "bills", "bill-lines", NOW)
    (freshness,) = quality(hub, hours=72).feed
    assert freshness.now is not None
    assert "must not be older than 48 h" in freshness.now.observed
    assert freshness.results[0].judgement.verdict == "passed"  # as it was at the end of the pull


def test_the_page_shows_it_and_nothing_of_the_source_becomes_markup(hub: Hub, tmp_path: Path) -> None:
    sync_stream(hub, "bills", "bill-lines", NOW)
    path = write_quality_page(quality_of(hub, "bills", NOW), tmp_path)
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "quality" / "bills.html"
    row = re.search(r"no line is above 100\.00</td>(.*?)</tr>", page)
    assert row is not None
    cells = [re.sub("<.*?>", " ", cell).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row[1])]
    assert cells[:4] == ["ChargeLine", "critical", "set aside", "2.5 %, 1 of 39"]
    assert cells[-1] == "1"
    assert "1 records could not be mapped" in page
    assert "Needs a look" in page
    assert "<code>L3</code>" in page  # the key of what failed, and nothing that it says
    assert "much" not in page
    assert "154.99" not in page
    assert "http" not in re.sub(r"http-equiv", "", page)


def test_a_name_of_a_check_cannot_become_markup(hub: Hub) -> None:
    found = quality_of(hub, "bills", NOW)
    assert "<b>" not in render_quality_page(replace(found, operator="<b>Small</b>"))
