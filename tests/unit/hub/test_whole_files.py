"""Files that belong together appear together, or nothing is changed."""

from pathlib import Path

import pytest

from hub.reports.whole_files import whole_files


def test_files_are_replaced_together_once_all_are_written(tmp_path: Path) -> None:
    page, table = tmp_path / "reports" / "page.html", tmp_path / "reports" / "table.csv"
    with whole_files(page, table) as (new_page, new_table):
        new_page.write_text("page")
        new_table.write_text("table")
        assert not page.exists()
    assert {each.name: each.read_text() for each in page.parent.iterdir()} == {
        "page.html": "page",
        "table.csv": "table",
    }


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    page, table = tmp_path / "page.html", tmp_path / "table.csv"
    page.write_text("before")

    def broken_off() -> None:
        with whole_files(page, table) as (new_page, _):
            new_page.write_text("half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        broken_off()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("page.html", "before")]


def test_two_that_write_the_same_file_at_once_do_not_share_a_half(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    with whole_files(page) as (one,), whole_files(page) as (other,):
        one.write_text("one")
        other.write_text("other")
    assert page.read_text() == "one"
