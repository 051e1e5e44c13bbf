"""The page on quality in a real browser: it asks for nothing, runs no text of another system, and fits any window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.reports.quality_page import write_quality_page
from hub.stream_quality import quality_of
from tests.browsers import opened_page
from tests.fakes.books_operator import ACCOUNT_IS_KNOWN, NOW, small_books
from tests.unit.hub.market_reports import HOSTILE


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    """The page of a stream that holds records back, hostile keys among them, and everything that it asked for."""
    with small_books(tmp_path, page_size=10) as books:
        books.quality(ACCOUNT_IS_KNOWN, more="feed: {volume: {least_percent: 50}}")
        books.accounts(1)
        for number, text in enumerate(HOSTILE):
            if text.isprintable() and text:
                books.line(text, 2, minute=number)
        for hours in range(0, 24 * 9, 12):
            books.line(f"L{hours}", 1, minute=hours)
            books.pulled(tmp_path / "work", hours=hours)
        with books.hub(tmp_path / "work") as hub:
            path = write_quality_page(quality_of(hub, "bills", NOW), tmp_path)
    with opened_page(browser, path) as seen:
        yield seen


def test_the_page_asks_for_nothing_and_shows_the_history_of_a_check(opened: tuple[Page, list[str]]) -> None:
    page, noise = opened
    assert noise == [page.url]
    row = page.locator("table.checks tr", has_text="the account is known")
    expect(row.locator("svg.shares rect")).to_have_count(18)
    expect(row).to_contain_text("critical")
    assert page.locator("figure.volume svg rect").count() == 28
    page.locator("summary", has_text="The latest pulls").click()
    expect(page.locator("details[open] tbody tr")).to_have_count(18)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(opened: tuple[Page, list[str]], width: int) -> None:
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
