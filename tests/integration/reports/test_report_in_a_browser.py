"""The page in a real browser: it asks for nothing, breaks no rule of its own policy, and narrows its findings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.reports import write_reports
from tests.browsers import opened_page
from tests.unit.hub.market_reports import HOSTILE, finding, line, market_report


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    """The page of a report, and everything that it asked for or complained about."""
    carrying = finding("RB-1", "RL-A01", lines=[line(exposure=9000)])
    explained = finding("RB-1", lines=[line(exposure=0)], explained_by=carrying.fingerprint)
    refund = finding("RB-2", "RL-B04", "over_billed", "refund_due")
    hostile = [finding(f"{text}{number}", "RL-D01", evidence=HOSTILE) for number, text in enumerate(HOSTILE)]
    files = write_reports(market_report(carrying, explained, refund, *hostile), tmp_path)
    with opened_page(browser, files.page) as seen:
        yield seen


def test_the_page_asks_for_nothing_and_runs_no_text_of_another_system(opened: tuple[Page, list[str]]) -> None:
    page, noise = opened
    assert noise == [page.url]


def test_typing_a_subject_leaves_only_its_findings(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    page.get_by_role("searchbox").fill("rb-2")
    assert page.locator("details.finding:visible").count() == 1
    assert page.locator("#filter output").inner_text().startswith("1 of ")
    page.get_by_role("searchbox").fill("")
    assert page.locator("details.rule:visible").count() == 4


def test_choosing_a_class_leaves_only_its_findings(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    page.get_by_role("combobox").select_option("Over-billed, refund due")
    assert page.locator("details.finding:visible .subject").all_inner_texts() == ["RB-2"]


def test_the_link_of_an_explained_finding_opens_the_one_that_carries_the_money(
    opened: tuple[Page, list[str]],
) -> None:
    page, _ = opened
    page.locator("details.rule", has_text="RL-C03").locator("> summary").click()
    page.locator("details.finding", has_text="explained").locator("> summary").click()
    page.get_by_role("link", name="RL-A01 on RB-1").click()
    expect(page.locator("details.finding:target .subject")).to_have_text("RB-1", use_inner_text=True)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(opened: tuple[Page, list[str]], width: int) -> None:
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
