"""A reset reads a stream anew from its beginning: nothing is doubled or lost, and the old place is in the audit."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.decision import Decision
from hub.stream_pull import StreamOutcome
from hub.stream_reset import reset_stream
from hub.sync import sync_stream
from hub.workplace import Hub
from storage.schema.audit import AUDIT
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.synchronisation import QUARANTINE
from storage.streams import stream_state
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, NOW, Books, aside, known_lines, small_books
from tests.fakes.one_stream_operator import hub_of, write_operator

HEAD = "id,account,code,amount,first_day,changed\n"
OPTIONS = "{settle_s: 0, archive: taken}"


class _Killed(BaseException):
    """Ends a pull after a page."""


@pytest.fixture
def books(tmp_path: Path, database_address: str) -> Iterator[Books]:
    with small_books(tmp_path, database=database_address, page_size=3) as opened:
        yield opened


def reset(hub: Hub, stream: str = "lines", hours: int = 1) -> None:
    reset_stream(hub, "bills", stream, Decision("ada", NOW + timedelta(hours=hours), "the export was wrong"))


def versions(hub: Hub) -> int:
    """Versions of lines that were ever known."""
    (table,) = [table for kind, table in CANONICAL_TABLES.items() if kind.__name__ == "ChargeLine"]
    with hub.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def resume(hub: Hub, stream: str = "lines") -> object:
    with hub.database.reading() as connection:
        return stream_state(connection, "bills", stream).resume


def test_everything_is_read_anew_and_nothing_changes_but_what_had_changed_unseen(
    books: Books, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    for number in range(8):
        books.line(f"L{number}", 1, minute=20 * number)
    books.pulled(work, "bills")
    # what no cursor tells: changed, and come, with an old time
    books.bills.execute("UPDATE line SET account = '7' WHERE id = 'L2'")
    books.line("L9", 1, minute=-600)
    books.pulled(work, "bills", hours=1)
    with books.hub(work) as hub:
        before = resume(hub)
        assert (len(known_lines(hub)), known_lines(hub)["L2"]) == (8, "1")
        reset(hub, hours=2)
        assert resume(hub) is None
        with hub.database.reading() as connection:
            (noted,) = connection.execute(select(AUDIT))
        assert (noted.actor, noted.action, noted.subject) == ("ada", "stream.reset", "bills.lines")
        assert json.loads(noted.detail) == {"resume": before, "since": None, "why": "the export was wrong"}
        outcome = sync_stream(hub, "bills", "lines", NOW + timedelta(hours=3))
        assert outcome.counts.read == 9
        assert known_lines(hub) == {f"L{number}": "1" for number in (*range(8), 9)} | {"L2": "7"}
        assert versions(hub) == 8 + 2


def test_what_waits_in_quarantine_is_there_once_and_comes_in_once(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.quality(ACCOUNT_IS_KNOWN)
    books.accounts(1)
    books.lines(L1=1, L2=2, L3=2, L4=3)
    books.pulled(work)
    books.accounts(2, minute=1)
    books.pulled(work, "crm", hours=1)
    with books.hub(work) as hub:
        assert set(aside(hub)) == {"L2", "L3", "L4"}
        reset(hub, hours=2)
        assert set(aside(hub)) == {"L2", "L3", "L4"}
        outcome = sync_stream(hub, "bills", "lines", NOW + timedelta(hours=3))
        # those that are known by now came with their page, so that no second chance was left to give
        assert (outcome.recovered, set(aside(hub))) == (0, {"L4"})
        assert (set(known_lines(hub)), versions(hub)) == ({"L1", "L2", "L3"}, 3)
        with hub.database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(QUARANTINE)).scalar_one() == 3
    books.accounts(3, minute=2)
    books.pulled(work, "crm", hours=4)
    assert books.pulled(work, "bills", hours=5)["lines"].recovered <= 1
    with books.hub(work) as hub:
        assert (len(known_lines(hub)), versions(hub), aside(hub)) == (4, 4, {})


def test_a_pull_that_is_under_way_ends_and_the_next_begins_anew(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.lines(**{f"L{number}": 1 for number in range(9)})
    with books.hub(work) as hub:

        def on_page(outcome: StreamOutcome) -> None:
            if outcome.pages == 1:
                reset(hub)

        with pytest.raises(UnsafeToContinue, match="another pull has started"):
            sync_stream(hub, "bills", "lines", NOW, on_page)
        assert resume(hub) is None
        assert sync_stream(hub, "bills", "lines", NOW + timedelta(hours=2)).counts.read == 9
        assert (len(known_lines(hub)), versions(hub)) == (9, 9)


def test_killed_between_its_pages_the_anew_read_goes_on(books: Books, tmp_path: Path) -> None:
    books.lines(**{f"L{number}": 1 for number in range(9)})
    with books.hub(tmp_path / "work") as hub:
        sync_stream(hub, "bills", "lines", NOW)
        reset(hub)
        for hours in (2, 3):
            with pytest.raises(_Killed):
                sync_stream(hub, "bills", "lines", NOW + timedelta(hours=hours), _kill)
        sync_stream(hub, "bills", "lines", NOW + timedelta(hours=4))
        assert (len(known_lines(hub)), versions(hub)) == (9, 9)


def test_what_cannot_be_reset_is_refused(books: Books, tmp_path: Path) -> None:
    with books.hub(tmp_path / "work") as hub:
        with pytest.raises(ConfigurationError, match="no stream 'line'; nearest: lines"):
            reset(hub, "line")
        with pytest.raises(ConfigurationError, match=r"bills\.lines was never pulled"):
            reset(hub)
        sync_stream(hub, "bills", "lines", NOW)
        with pytest.raises(ConfigurationError, match="a reset needs a reason"):
            reset_stream(hub, "bills", "lines", Decision("ada", NOW, " "))


@pytest.fixture
def files(tmp_path: Path, database_address: str) -> Iterator[tuple[Path, Hub]]:
    """A folder with three days of lines, of which two lie in the archive; in each a further line and one change."""
    source = tmp_path / "feed"
    source.mkdir()
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options=OPTIONS, page_size=2)
    named = folder / "operator.yaml"
    named.write_text(named.read_text() + f"database: {database_address}\n")
    with hub_of(folder, tmp_path / "work", str(source)) as hub:
        for day in (1, 2, 3):
            rows = [f"L{number},A{number},SLV,{day}.00,2026-10-0{day}," for number in (0, 2 * day, 2 * day + 1)]
            (source / f"lines-2026-10-0{day}.csv").write_text(HEAD + "\n".join(rows) + "\n")
            sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=day))
        assert len(list((source / "taken").iterdir())) == 2
        yield source, hub


def amounts(hub: Hub) -> dict[str, int]:
    (table,) = [table for kind, table in CANONICAL_TABLES.items() if kind.__name__ == "ChargeLine"]
    with hub.database.reading() as connection:
        query = select(table.c.source_id, table.c.amount_minor).order_by(table.c.known_from)
        return dict(connection.execute(query).tuples().all())


EXPECTED = {"L0": 300, "L2": 100, "L3": 100, "L4": 200, "L5": 200, "L6": 300, "L7": 300}


def test_files_in_the_archive_are_read_again_in_the_order_in_which_they_came(files: tuple[Path, Hub]) -> None:
    source, hub = files
    assert amounts(hub) == EXPECTED
    (table,) = [table for kind, table in CANONICAL_TABLES.items() if kind.__name__ == "ChargeLine"]
    with hub.database.writing() as connection:  # as a mapping that was wrong would have left them
        connection.execute(table.update().values(amount_minor=1, content_hash="wrong"))
    reset(hub, "bill-lines", hours=4)
    assert resume(hub, "bill-lines") == {"replay": True}
    outcome = sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=5))
    assert outcome.counts.read == 9
    assert amounts(hub) == EXPECTED
    assert {path.name[:16] for path in (source / "taken").iterdir()} == {"lines-2026-10-01", "lines-2026-10-02"}
    # nothing more is to be read, and the archive goes on as before
    assert sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=6)).counts.read == 0
    assert len(list((source / "taken").iterdir())) == 3
    assert "replay" not in str(resume(hub, "bill-lines"))


def test_killed_between_the_files_the_replay_goes_on_where_it_was(files: tuple[Path, Hub]) -> None:
    source, hub = files
    reset(hub, "bill-lines", hours=4)
    read = 0
    for hours in range(5, 30):
        try:
            read += sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=hours), _kill).counts.read
            break
        except _Killed:
            read += 2
            assert len(list((source / "taken").iterdir())) == 2, "what is still to be read has moved"
    assert 6 <= read <= 12
    assert amounts(hub) == EXPECTED
    (source / "lines-2026-10-04.csv").write_text(HEAD + "L0,A0,SLV,4.00,2026-10-04,\n")
    assert sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=40)).counts.read == 1
    assert amounts(hub) == EXPECTED | {"L0": 400}


def _kill(outcome: StreamOutcome) -> None:
    if outcome.counts.read:
        raise _Killed
