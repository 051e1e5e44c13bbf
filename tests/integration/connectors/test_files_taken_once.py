"""Which files are taken, in which order, and that each is taken once, whatever happens to it."""

import os
from pathlib import Path

import pytest
from file_pulls import FileFeed, ids, told

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.ports import REPLAY


@pytest.fixture
def feed(tmp_path: Path) -> FileFeed:
    return FileFeed(tmp_path / "feed")


def test_each_file_is_taken_once_and_in_the_order_of_names(feed: FileFeed) -> None:
    feed.lines("lines-2.csv", range(10, 15))
    feed.lines("lines-1.csv", range(5))
    assert feed.pull() == [f"L{n}" for n in (*range(5), *range(10, 15))]
    assert feed.pull() == []
    feed.lines("lines-3.csv", [20])
    assert feed.pull() == ["L20"]


def test_files_may_be_taken_in_the_order_of_their_time(feed: FileFeed) -> None:
    for name, moment in (("lines-a.csv", 300), ("lines-b.csv", 100), ("lines-c.csv", 200)):
        os.utime(feed.lines(name, [moment]), (moment, moment))
    assert feed.pull(order="time") == ["L100", "L200", "L300"]


def test_a_pull_that_breaks_within_a_file_goes_on_without_loss_and_without_doubles(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(25))
    feed.lines("lines-2.csv", range(25, 47))
    whole = [f"L{n}" for n in range(47)]
    for broken in range(1, 6):
        feed.resume = None
        before = ids(feed.pages(stop_after=broken))
        assert before + feed.pull() == whole


def test_a_file_that_was_changed_is_taken_again_and_told(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(5))
    feed.pull()
    feed.lines("lines-1.csv", range(6))
    pages = feed.pages()
    assert len(ids(pages)) == 6
    assert "lines-1.csv was taken before and has changed since" in told(pages)
    assert feed.pull() == []


def test_a_file_that_was_only_touched_is_not(feed: FileFeed) -> None:
    path = feed.lines("lines-1.csv", range(5))
    feed.pull()
    os.utime(path, (1, 1))
    pages = feed.pages()
    assert (ids(pages), told(pages), pages[-1].last) == ([], "", True)
    assert feed.pull() == []


def test_a_file_that_changes_after_a_part_of_it_was_taken_is_taken_as_a_whole(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(25))
    feed.pages(stop_after=1)
    feed.lines("lines-1.csv", range(100, 125))
    pages = feed.pages()
    assert ids(pages) == [f"L{n}" for n in range(100, 125)]
    assert "taken again as a whole" in told(pages)


def test_a_file_that_is_gone_after_a_part_of_it_was_taken_is_told(feed: FileFeed) -> None:
    feed.lines("lines-0.csv", [1])
    feed.lines("lines-1.csv", range(25))
    feed.pages(stop_after=2)
    (feed.folder / "lines-1.csv").unlink()
    assert "lines-1.csv is gone, and only its first 10 rows were taken" in told(feed.pages())


def test_a_file_that_comes_late_is_taken_and_told(feed: FileFeed) -> None:
    feed.lines("lines-2.csv", [2])
    feed.pull()
    feed.lines("lines-1.csv", [1])
    pages = feed.pages()
    assert ids(pages) == ["L1"]
    assert "lines-1.csv comes after later ones were taken" in told(pages)


def test_one_name_that_is_overwritten_is_taken_each_time(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="lines.csv")
    feed.lines("lines.csv", [1])
    feed.pull()
    feed.lines("lines.csv", [1, 2])
    pages = feed.pages()
    assert (ids(pages), told(pages)) == (["L1", "L2"], "")


def test_unfinished_files_are_left_alone(feed: FileFeed) -> None:
    for name in ("lines-1.csv.part", ".lines-2.csv", "~lines-3.csv", "lines-4.csv.tmp", "other.csv"):
        feed.lines(name, [1])
    feed.lines("lines-5.csv", [5])
    feed.lines("lines-6.wip.csv", [6])
    (feed.folder / "lines-7.csv").mkdir()
    (feed.folder / "lines-8.csv").symlink_to(feed.folder / "other.csv")
    assert feed.pull(ignore=["*.wip.csv"]) == ["L5"]


def test_a_file_that_is_being_written_is_left_for_the_next_pull(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", [1])
    path = feed.lines("lines-2.csv", [2])
    with feed.being_written(path):
        pages = feed.pages(settle_s=2)
    assert ids(pages) == ["L1"]
    assert "still being written: lines-2.csv" in told(pages)
    assert set(feed.pull(settle_s=0.05)) == {"L2", "L3"}


def test_a_marker_may_say_which_files_are_finished(feed: FileFeed) -> None:
    for number in (1, 2, 3):
        feed.lines(f"lines-{number}.csv", [number])
    feed.lay("lines-1.csv.done", "")
    feed.lay("lines-3.done", "")
    assert feed.pull(done_marker=".done", settle_s=600) == ["L1", "L3"]
    feed.lay("lines-2.csv.done", "")
    assert feed.pull(done_marker=".done") == ["L2"]


def test_files_are_moved_once_their_rows_are_stored(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(25))
    feed.lay("lines-1.csv.done", "")
    options = {"archive": "old/lines", "done_marker": ".done"}
    feed.pages(stop_after=2, **options)
    assert (feed.folder / "lines-1.csv").exists()
    feed.pull(**options)
    assert (feed.folder / "lines-1.csv").exists()  # the page is stored after it was given, so not yet
    assert feed.pull(**options) == []
    archived = sorted(path.name for path in (feed.folder / "old/lines").iterdir())
    assert len(archived) == 2
    assert archived[0].startswith("lines-1-")
    assert archived[0].endswith(".csv")
    assert not list(feed.folder.glob("lines-*"))
    # the same name again, with other content: both are kept
    feed.lines("lines-1.csv", [99])
    feed.lay("lines-1.csv.done", "")
    assert feed.pull(**options) == ["L99"]
    feed.pull(**options)
    assert len(list((feed.folder / "old/lines").glob("lines-1-*.csv"))) == 2


def test_a_file_that_came_again_after_it_was_archived_is_not_taken_again(feed: FileFeed) -> None:
    path = feed.lines("lines-1.csv", [1])
    content, moment = path.read_bytes(), path.stat().st_mtime_ns
    feed.pull(archive="old")
    feed.pull(archive="old")
    os.utime(feed.lay("lines-1.csv", content), ns=(moment, moment))
    assert feed.pull() == []
    os.utime(feed.lay("lines-1.csv", content), ns=(moment + 1, moment + 1))
    assert feed.pull() == []


def test_a_replay_reads_what_came_twice_under_one_name_in_the_order_in_which_it_came(feed: FileFeed) -> None:
    for number, (name, line) in enumerate((("lines-2.csv", 1), ("lines-2.csv", 2), ("lines-1.csv", 3))):
        path = feed.lines(name, [line])
        os.utime(path, ns=(number * 10**9, number * 10**9))
        feed.pull(archive="old")
        feed.lay("others.csv", "not of this stream")
        feed.pull(archive="old")
    feed.lay("old/lines-9.csv", "laid there by somebody else")
    feed.resume = {**REPLAY}
    assert feed.pull(archive="old") == ["L3", "L1", "L2"]
    assert feed.pull(archive="old") == []


def test_a_replay_of_files_that_tell_everything_reads_the_newest_alone(feed: FileFeed) -> None:
    options = {"archive": "old", "mode": "full"}
    for number in (1, 2, 3):
        feed.lines(f"lines-{number}.csv", range(number))
        feed.pull(**options)
    feed.resume = {**REPLAY}
    pages = feed.pages(**options)
    assert (ids(pages), pages[-1].swept, pages[-1].source_total) == (["L0", "L1", "L2"], True, 3)
    assert feed.pull(**options) == []


def test_a_replay_without_an_archive_reads_what_is_in_the_folder(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", [1])
    feed.pull()
    feed.resume = {**REPLAY}
    assert (feed.pull(), feed.pull()) == (["L1"], [])


def test_an_archive_that_cannot_be_made_is_told_and_stops_nothing(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", [1])
    feed.lay("old", "a file where the archive should be")
    feed.pull(archive="old")
    feed.lines("lines-2.csv", [2])
    pages = feed.pages(archive="old")
    assert ids(pages) == ["L2"]
    assert "lines-1.csv cannot be moved to old" in told(pages)


def test_where_each_file_tells_everything_the_newest_counts(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(25))
    feed.lines("lines-2.csv", range(20))
    pages = feed.pages(mode="full")
    assert len(ids(pages)) == 20
    assert {page.source_total for page in pages} == {20}
    assert [page.swept for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [key for page in pages for key in page.held] == [(name,) for name in ids(pages)]
    assert "lines-1.csv is passed over" in told(pages)
    (nothing,) = feed.pages(mode="full")
    assert (nothing.records, nothing.swept, nothing.source_total) == ([], False, 20)
    feed.lines("lines-0.csv", range(3))  # an older one that comes late tells what was
    pages = feed.pages(mode="full")
    assert ids(pages) == []
    assert not any(page.swept for page in pages)
    (feed.folder / "lines-2.csv").unlink()
    feed.lines("lines-1.csv", range(7))
    assert feed.pull(mode="full") == []


def test_a_whole_with_a_row_that_cannot_be_read_takes_nothing_for_gone(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(3))
    feed.pull(mode="full")
    feed.lay("lines-2.csv", "id,amount\nL0,1.10\nL1,1,10\n")
    (page,) = feed.pages(mode="full")
    assert (page.last, page.swept, "1 of 2 rows cannot be read" in told([page])) == (True, False, True)


def test_a_whole_that_breaks_is_read_from_its_beginning(feed: FileFeed) -> None:
    feed.lines("lines-1.csv", range(25))
    feed.pages(stop_after=1, mode="full")
    assert len(feed.pull(mode="full")) == 25


def test_rows_may_say_that_they_are_deleted(feed: FileFeed) -> None:
    feed.lay("lines-1.csv", "id,amount,state\nL1,1,\nL2,2,D\nL3,3,X\n")
    (page,) = feed.pages(deleted_column="state", deleted_values=["D"], mode="full")
    assert (ids([page]), page.deleted, page.source_total) == (["L1", "L3"], [("L2",)], 2)
    feed.resume = None
    (page,) = feed.pages(deleted_column="state")
    assert (ids([page]), page.deleted, page.source_total) == (["L1"], [("L2",), ("L3",)], None)


def test_a_folder_without_any_file_yet_is_told_with_what_is_there(feed: FileFeed) -> None:
    feed.lines("line-1.csv", [1])
    with pytest.raises(ConfigurationError, match=r"no file is called lines-\*.csv.*line-1.csv"):
        feed.pull()
    feed.lines("lines-1.csv", [1])
    feed.pull()
    (feed.folder / "lines-1.csv").unlink()
    assert feed.pull() == []  # an empty folder is no fault once there was something


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed")
    feed.folder.rmdir()
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        feed.pull()


@pytest.mark.parametrize("pattern", ["../secrets/*.csv", "/etc/*.csv", "a/../../x.csv"])
def test_a_pattern_that_leads_out_of_the_folder_is_refused(tmp_path: Path, pattern: str) -> None:
    feed = FileFeed(tmp_path / "feed", pattern=pattern)
    with pytest.raises(ConfigurationError, match="a path within the folder"):
        feed.pull()
    feed.pattern = "x.csv"
    with pytest.raises(ConfigurationError, match="a path within the folder"):
        feed.pull(archive="../old")


def test_a_folder_within_the_folder_may_stand_before_the_pattern(tmp_path: Path) -> None:
    feed = FileFeed(tmp_path / "feed", pattern="daily/lines-*.csv")
    (feed.folder / "daily").mkdir()
    feed.lines("daily/lines-1.csv", [1])
    assert feed.pull() == ["L1"]


def test_a_file_that_changes_while_it_is_read_is_worth_another_try(feed: FileFeed) -> None:
    path = feed.lines("lines-1.csv", range(50_000))
    from connectors.discovery import open_source
    from connectors.ports import StreamRead

    pages = open_source(feed.settings).pages(StreamRead("l", "lines-*.csv", ("id",), ("id",), page_size=1_000), None)
    first = next(pages)
    with path.open("a") as file:
        file.write("L1,1\n")
    with pytest.raises(RetryableError, match="has changed while it was read"):
        list(pages)
    feed.resume = first.resume
    assert len(feed.pull()) == 50_001


def test_what_the_resume_point_knows_of_files_that_are_gone_is_bounded(feed: FileFeed) -> None:
    feed.lines("lines-0.csv", [0])
    feed.pull()
    assert feed.resume is not None
    feed.resume["taken"] |= {f"gone-{number:05}.csv": [1, 1, "x"] for number in range(3_000)}
    feed.lines("lines-1.csv", [1])
    feed.pull()
    assert len(feed.resume["taken"]) == 1_002
    assert {"lines-0.csv", "lines-1.csv", "gone-02999.csv"} <= set(feed.resume["taken"])
