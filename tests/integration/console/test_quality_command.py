"""`splice quality` as a person, or a watchdog, types it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from canonical_model.errors import UnsafeToContinue
from console.main import app
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, Books, small_books

Run = Callable[..., Result]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with small_books(tmp_path, page_size=3) as opened:
        yield opened


@pytest.fixture
def splice(books: Books, tmp_path: Path) -> Run:
    def run(*words: str) -> Result:
        where = ["--operator", str(books.folder), "--workspace", str(tmp_path / "work")]
        return CliRunner().invoke(app, ["quality", *words, *where], env=books.environment)

    return run


def test_the_table_names_what_needs_a_person_first_and_the_pages(books: Books, splice: Run, tmp_path: Path) -> None:
    books.quality(ACCOUNT_IS_KNOWN)
    books.accounts(1)
    books.lines(L1=1, L2=2, L3=1, L4=1)
    books.pulled(tmp_path / "work")
    told = splice()
    assert told.exit_code == 0
    lines = told.output.splitlines()
    (needy,) = [number for number, line in enumerate(lines) if " lines " in line]
    (well,) = [number for number, line in enumerate(lines) if " accounts " in line]
    assert needy < well
    assert "needs a look" in lines[needy]
    assert "25.0 %" in lines[needy]
    assert "all well" in lines[well]
    assert (tmp_path / "work" / "reports" / "quality" / "bills.html").is_file()
    assert "crm                1 of 1 streams well" in told.output


def test_a_stopped_stream_ends_a_watch_with_a_status_of_its_own(books: Books, splice: Run, tmp_path: Path) -> None:
    books.quality(ACCOUNT_IS_KNOWN.replace("among", "mostly: 0.9, among"))
    books.accounts(1)
    assert splice("crm", "--fail-on", "never_pulled").exit_code == 3
    books.pulled(tmp_path / "work", "crm")
    assert splice("crm", "--fail-on", "warned").exit_code == 0
    books.lines(L1=2)
    with pytest.raises(UnsafeToContinue):
        books.pulled(tmp_path / "work", "bills")
    assert splice("bills").exit_code == 0
    told = splice("--fail-on", "stopped")
    assert told.exit_code == 3
    assert "stopped" in told.output
    assert "fails its" in told.output
    books.accounts(2, minute=1)
    books.pulled(tmp_path / "work", hours=1)
    assert splice("--fail-on", "held_back").exit_code == 0
    assert splice("--fail-on", "nothing").exit_code == 2


def test_other_programs_read_it_as_json(books: Books, splice: Run, tmp_path: Path) -> None:
    books.quality(ACCOUNT_IS_KNOWN, more="feed: {volume: {}}")
    books.lines(L1=1)
    books.pulled(tmp_path / "work")
    (lines, accounts) = json.loads(splice("--json").output)
    assert (lines["system"], lines["standing"], lines["held_back"]) == ("bills", "held_back", 1)
    assert lines["last_pull"]["outcome"] == "succeeded"
    assert [(one["name"], one["verdict"], one.get("failed")) for one in lines["checks"]] == [
        ("volume", "not_judged", 0),
        ("the account is known", "set_aside", 1),
    ]
    assert (accounts["standing"], accounts["checks"]) == ("well", [])
