"""A share that is tolerated is one of the whole pull: where its pages begin and end decides nothing."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from hub import pull_shares
from hub.stream_pull import StreamOutcome
from hub.stream_quality import quality_of
from hub.sync import sync_stream
from storage.streams import StreamState, stream_state
from tests.fakes.books_operator import NOW, Books, aside, known_lines, records, small_books
from tests.fakes.one_stream_operator import hub_of, write_operator

PAGE, PAGES = 3, 30
ON_A_BILL = "name: on a bill, expectation: expect_column_values_to_not_be_null, column: bill_id"
OF_THE_PULL, OF_THE_PAGE = f"{{{ON_A_BILL}, mostly: 0.95}}", f"{{{ON_A_BILL}, mostly: 0.95, per: page}}"
KNOWN = (
    "{name: of an account, expectation: expect_column_values_to_be_known, column: account_number, mostly: 0.95,"
    " among: {entity: BillingAccount}}"
)


class _Killed(BaseException):
    """Ends a pull after a page."""


@pytest.fixture
def books(tmp_path: Path, database_address: str) -> Iterator[Books]:
    with small_books(tmp_path, database=database_address, page_size=PAGE) as opened:
        opened.accounts(1)
        yield opened


def fill(books: Books, *bad: int, pages: Collection[int] = range(PAGES), account: int = 1) -> None:
    """Pages of lines, of which some have no bill, or another account."""
    for number in (page * PAGE + row for page in pages for row in range(PAGE)):
        is_bad = number // PAGE in bad
        bill = None if is_bad and account == 1 else "B1"
        books.line(f"L{number:02}", account if is_bad else 1, bill=bill, minute=number)


def pulled(books: Books, work: Path, hours: int = 0, killed_after: int = 0) -> StreamOutcome:
    """Pull the lines, or so many pages of them until the process is killed."""

    def on_page(outcome: StreamOutcome) -> None:
        if outcome.pages == killed_after:
            raise _Killed

    with books.hub(work) as hub:
        return sync_stream(hub, "bills", "lines", NOW + timedelta(hours=hours), on_page)


def state(books: Books, work: Path) -> StreamState:
    with books.hub(work) as hub, hub.database.reading() as connection:
        return stream_state(connection, "bills", "lines")


def verdicts(books: Books, work: Path) -> list[tuple[str, int, int, str]]:
    """Verdict, judged, failed and in words what was found, of each pull, the newest first."""
    with books.hub(work) as hub:
        (stream,) = quality_of(hub, "bills", NOW).streams
    found = [one.judgement for one in stream.checks[0].results]
    return [(one.verdict, one.evaluated, one.failed, one.observed) for one in found]


@pytest.mark.parametrize("bad", [0, 7, PAGES - 1])
def test_one_bad_page_of_many_stops_nothing_wherever_it_comes(books: Books, tmp_path: Path, bad: int) -> None:
    work = tmp_path / "work"
    books.quality(OF_THE_PULL)
    fill(books, bad)
    outcome = pulled(books, work)
    with books.hub(work) as hub:
        assert len(known_lines(hub)) == len(records(hub, "ChargeLine")) == PAGE * PAGES
        assert aside(hub) == {}
    assert verdicts(books, work) == [("passed", 90, 3, "3 of 90 rows")]
    # where little has come before it, its lines wait in quarantine until all has come
    assert outcome.recovered == (0 if bad == PAGES - 1 else 3)
    assert state(books, work).undecided is None


def test_whoever_wants_each_page_judged_says_so(books: Books, tmp_path: Path) -> None:
    books.quality(OF_THE_PAGE)
    fill(books, 7)
    with pytest.raises(UnsafeToContinue, match=r"a page of 3 records fails its quality suite: 'on a bill' \(3 of 3"):
        pulled(books, tmp_path / "work")
    with books.hub(tmp_path / "work") as hub:
        assert len(known_lines(hub)) == 7 * PAGE


@pytest.mark.parametrize(("suite", "account"), [(OF_THE_PULL, 1), (KNOWN, 9)], ids=["library", "references"])
def test_too_many_stop_the_stream_where_it_stood_until_they_are_mended(
    books: Books, tmp_path: Path, suite: str, account: int
) -> None:
    work = tmp_path / "work"
    books.quality(suite)
    books.pulled(work, "crm")
    fill(books, pages=range(2))
    pulled(books, work)
    before = state(books, work)
    fill(books, 3, 17, pages=range(2, PAGES), account=account)
    for hours in (1, 2):  # what was not mended stops it again, by the same count
        with pytest.raises(UnsafeToContinue, match=r"the pull fails its quality suite: '.*' \(6 of 90 rows\)"):
            pulled(books, work, hours)
        after = state(books, work)
        assert (after.resume, after.last_success_at) == (before.resume, before.last_success_at)
        assert after.undecided is None
        with books.hub(work) as hub:
            # of the two bad pages nothing, and nothing of the last one, at which it was clear
            assert len(known_lines(hub)) == len(records(hub, "ChargeLine")) == PAGE * (PAGES - 3)
            assert {one.expectation for one in aside(hub).values()} == {suite.partition(",")[0].rpartition(": ")[2]}
    assert [verdict for verdict, *_ in verdicts(books, work)] == ["stopped", "stopped", "passed"]

    fill(books, 3, pages=range(2, PAGES), account=account)
    pulled(books, work, hours=3)
    with books.hub(work) as hub:
        assert len(known_lines(hub)) == len(records(hub, "ChargeLine")) == PAGE * PAGES
        assert aside(hub) == {}


def test_what_a_pull_counted_that_broke_off_counts_with_the_next(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.quality(OF_THE_PULL)
    fill(books, 1, 28)
    with pytest.raises(_Killed):
        pulled(books, work, killed_after=20)
    assert verdicts(books, work) == [("not_judged", 60, 3, "0 of 3 rows")]
    with pytest.raises(UnsafeToContinue, match=r"6 of 90 rows"):
        pulled(books, work, hours=1)
    assert state(books, work).resume is None
    fill(books, 1)
    with pytest.raises(_Killed):
        pulled(books, work, hours=2, killed_after=20)
    pulled(books, work, hours=3)
    with books.hub(work) as hub:
        assert len(records(hub, "ChargeLine")) == PAGE * PAGES
        assert aside(hub) == {}


def test_a_suite_that_was_changed_meanwhile_judges_all_of_it_anew(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.quality(OF_THE_PULL)
    fill(books, 1, 2)
    with pytest.raises(_Killed):
        pulled(books, work, killed_after=20)
    books.quality(OF_THE_PULL.replace("0.95", "0.9"))
    assert pulled(books, work, hours=1).counts.read >= PAGE * PAGES
    assert verdicts(books, work)[0] == ("passed", 90, 6, "6 of 90 rows")


def test_a_warning_is_told_once_for_the_pull(books: Books, tmp_path: Path) -> None:
    books.quality(OF_THE_PULL.replace("}", ", severity: warning}"))
    fill(books, 1, 2)
    outcome = pulled(books, tmp_path / "work")
    assert outcome.warnings == ["expectation on a bill: 6 of 90 rows"]
    assert (outcome.counts.rejected, verdicts(books, tmp_path / "work")[0][0]) == (0, "told")


def test_no_more_wait_for_the_end_than_can_be_borne(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    monkeypatch.setattr(pull_shares, "MOST_WAITING", 2 * PAGE)
    books.quality(OF_THE_PULL)
    fill(books, *range(PAGES))
    with pytest.raises(UnsafeToContinue, match=r"9 of 9 rows"):
        pulled(books, work)
    assert (state(books, work).resume, state(books, work).undecided) == (None, None)
    fill(books)
    pulled(books, work, hours=1)
    with books.hub(work) as hub:
        assert len(known_lines(hub)) == PAGE * PAGES
        assert aside(hub) == {}


def test_a_file_that_may_have_to_be_read_again_is_not_put_away(tmp_path: Path) -> None:
    source = tmp_path / "feed"
    source.mkdir()
    options = "{settle_s: 0, archive: taken}"
    folder = write_operator(tmp_path / "operator", "files", "lines-*.csv", options=options, page_size=2)
    mapping = folder / "mappings" / "bill-lines.yaml"
    sound = "{name: sound, expectation: expect_column_values_to_be_between, column: amount_minor, min_value: 1, "
    mapping.write_text(f"{mapping.read_text()}quality:\n  ChargeLine:\n    - {sound}mostly: 0.9}}\n")

    def lay(day: int, amount: str) -> None:
        rows = [f"L{day}-{number},A1,SLV,{amount},2026-10-01," for number in range(2)]
        text = "id,account,code,amount,first_day,changed\n" + "\n".join(rows) + "\n"
        (source / f"lines-{day}.csv").write_text(text)

    def taken() -> list[str]:
        return sorted(path.name[:7] for path in source.glob("taken/*"))

    def on_page(outcome: StreamOutcome) -> None:
        raise _Killed

    lay(1, "54.99")
    lay(2, "0.00")
    with hub_of(folder, tmp_path / "work", str(source)) as hub:
        with pytest.raises(_Killed):
            sync_stream(hub, "bills", "bill-lines", NOW, on_page)
        with pytest.raises(UnsafeToContinue, match="2 of 4 rows"):
            sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=1))
        assert taken() == []
        lay(2, "1.00")
        assert sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=2)).counts.read == 4
        assert len(records(hub, "ChargeLine")) == 4
        sync_stream(hub, "bills", "bill-lines", NOW + timedelta(hours=3))
        assert taken() == ["lines-1", "lines-2"]
