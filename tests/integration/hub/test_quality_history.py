"""What each expectation found in each pull stays: added up over its pages, also where the pull was stopped."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.reports.quality_page import render_quality_page
from hub.stream_quality import Check, StreamQuality, quality_of
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, NOW, Books, small_books

BELOW_100 = (
    "{name: below 100.00, expectation: expect_column_values_to_be_between, column: amount_minor, max_value: 10000}"
)
BILLED = (
    "{name: nearly all are on a bill, expectation: expect_column_values_to_not_be_null, column: bill_id, mostly: 0.5}"
)
ENOUGH = "{name: a page is full, expectation: expect_table_row_count_to_be_between, min_value: 2, severity: warning}"


@pytest.fixture
def books(tmp_path: Path, database_address: str) -> Iterator[Books]:
    with small_books(tmp_path, database=database_address, page_size=3) as opened:
        yield opened


def quality(books: Books, work: Path, hours: int = 0, system: str = "bills") -> StreamQuality:
    with books.hub(work) as hub:
        (stream,) = quality_of(hub, system, NOW + timedelta(hours=hours)).streams
    return stream


def by_name(stream: StreamQuality) -> dict[str, Check]:
    return {check.name: check for check in (*stream.checks, *stream.feed)}


def found(check: Check) -> list[tuple[str, int, int, str]]:
    """Verdict, judged, failed and keys in each pull, the newest first."""
    return [
        (one.judgement.verdict, one.judgement.evaluated, one.judgement.failed, ",".join(one.judgement.sample))
        for one in check.results
    ]


def test_results_add_up_over_the_pages_of_a_pull_and_stand_pull_by_pull(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.quality(BELOW_100, ENOUGH, ACCOUNT_IS_KNOWN)
    books.accounts(1)
    for number in range(7):
        books.line(f"L{number}", 1, amount="100.01" if number in (1, 5) else "1.00", minute=number)
    books.pulled(work)
    books.bills.execute("DELETE FROM line")
    books.line("L8", 2, minute=30)
    books.pulled(work, hours=1)
    checks = by_name(quality(books, work))
    assert found(checks["below 100.00"]) == [("passed", 1, 0, ""), ("set_aside", 7, 2, "L1,L5")]
    # the last page of the first pull has one row, and so has the only page of the second
    assert found(checks["a page is full"]) == [("told", 1, 1, ""), ("told", 3, 1, "")]
    assert found(checks["the account is known"]) == [("set_aside", 1, 1, "L8"), ("passed", 5, 0, "")]
    assert checks["the account is known"].held_back == 1


def test_a_pull_that_was_stopped_tells_by_what_and_the_mended_one_stands_before_it(
    books: Books, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    books.quality(BILLED.replace("mostly", "per: page, mostly"))
    for number in range(6):
        books.line(f"L{number}", 1, bill="B1" if number < 3 else None, minute=number)
    with pytest.raises(UnsafeToContinue):
        books.pulled(work, "bills")
    stream = quality(books, work)
    assert (stream.standing, stream.last_pull and stream.last_pull.outcome) == ("stopped", "stopped")
    assert "'nearly all are on a bill' (3 of 3 rows)" in stream.why
    assert found(by_name(stream)["nearly all are on a bill"]) == [("stopped", 6, 3, "L3,L4,L5")]
    with books.hub(work) as hub:
        page = render_quality_page(quality_of(hub, "bills", NOW))
    assert "What stopped it, 5 Nov 2026, 12:00 UTC" in page

    for number in range(3, 6):
        books.line(f"L{number}", 1, bill="B1", minute=number)
    books.pulled(work, "bills", hours=1)
    stream = quality(books, work, hours=1)
    assert (stream.standing, stream.why) == ("well", "")
    assert [verdict for verdict, *_ in found(by_name(stream)["nearly all are on a bill"])] == ["passed", "stopped"]


def test_what_had_nothing_to_judge_is_no_pass(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.quality(BELOW_100, more="feed: {volume: {least_percent: 50}, freshness: {within: 48h}}")
    books.lines(L1=1)
    books.pulled(work, "bills")
    books.bills.execute("DELETE FROM line")
    books.pulled(work, "bills", hours=1)
    checks = by_name(quality(books, work, hours=1))
    assert found(checks["below 100.00"]) == [("not_judged", 0, 0, ""), ("passed", 1, 0, "")]
    assert checks["below 100.00"].results[0].judgement.observed == "no ChargeLine came"
    assert found(checks["volume"]) == [("not_judged", 0, 0, "")] * 2
    assert checks["volume"].results[0].judgement.observed == "not enough history: 0 of 3 days before"
    assert found(checks["freshness"]) == [("passed", 1, 0, "")] * 2


def test_a_result_bears_the_version_of_its_suite(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    books.lines(L1=1)
    for hours, suite in enumerate(((BELOW_100,), (BELOW_100,), (BELOW_100, ENOUGH))):
        books.quality(*suite)
        books.pulled(work, "bills", hours=hours)
    versions = [one.judgement.version for one in by_name(quality(books, work))["below 100.00"].results]
    assert versions[1] == versions[2] != versions[0]


def test_each_market_may_be_judged_for_itself(books: Books, tmp_path: Path) -> None:
    work = tmp_path / "work"
    mapping, operator = books.folder / "mappings" / "bills-lines.yaml", books.folder / "operator.yaml"
    market = 'market: {from: \'LEFT(account, 1)\', values: {"1": oldtown, "2": newtown}}'
    mapping.write_text(
        mapping.read_text().replace("market: \"'oldtown'\"", market).replace("page_size: 3", "page_size: 9")
    )
    operator.write_text(
        operator.read_text().replace(
            "markets:\n", "markets:\n  newtown: {name: New, zone: UTC, currency: USD, technology: pon}\n"
        )
    )
    (books.folder / "catalogue.yaml").write_text(
        (books.folder / "catalogue.yaml").read_text().replace("{oldtown:", "{newtown: actual_actual, oldtown:")
    )
    # of all lines a quarter has no bill, of those of one market none has
    for number in range(8):
        books.line(f"L{number}", 10 if number < 6 else 20, bill="B1" if number < 6 else None, minute=number)
    books.quality(BILLED)
    books.pulled(work, "bills")
    books.quality(BILLED.replace("mostly", "by_market: true, mostly"))
    books.bills.execute("UPDATE line SET changed = '2026-11-05 09:00:00'")
    with pytest.raises(UnsafeToContinue, match=r"'nearly all are on a bill' \(2 of 2 rows in newtown\)"):
        books.pulled(work, "bills", hours=1)
    checks = quality(books, work, hours=1).checks
    # as a whole in the first pull, each for itself in the second
    assert [(one.market, [verdict for verdict, *_ in found(one)]) for one in checks] == [
        ("", ["passed"]),
        ("newtown", ["stopped"]),
        ("oldtown", ["passed"]),
    ]
