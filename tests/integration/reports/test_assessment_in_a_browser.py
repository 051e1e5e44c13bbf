"""The assessment in a real browser: it asks for nothing, leads from figures to definitions, fits any window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.assessment import assess
from hub.reports.assess_page import write_assessment
from hub.sync import sync_system
from reconciliation.kpis.definition import our_kpis
from tests.browsers import opened_page
from tests.fakes.lumen_valley import change, lumen_valley


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of everything, and of two systems only; the operator has a name that would like to be markup."""
    folder = tmp_path_factory.mktemp("assessed")
    with lumen_valley(folder / "operator", subscribers=60, months=3) as valley:
        change(valley.folder / "operator.yaml", "operator: Lumen Valley", "operator: '<script>alert(1)</script>'")
        with valley.hub(folder / "whole") as hub:
            for system in hub.operator.mappings:
                sync_system(hub, system, valley.estate.as_of)
            whole = write_assessment(assess(hub, "riverbend", valley.estate.as_of, valley.estate.as_of), folder)
            whole = whole.rename(folder / "whole.html")
        with valley.hub(folder / "part") as hub:
            for system in ("crm", "fsm"):
                sync_system(hub, system, valley.estate.as_of)
            part = write_assessment(assess(hub, "riverbend", valley.estate.as_of, valley.estate.as_of), folder)
    return {"whole": whole, "part": part}


@pytest.fixture(params=["whole", "part"])
def opened(
    browser: Browser, pages: dict[str, Path], request: pytest.FixtureRequest
) -> Iterator[tuple[Page, list[str]]]:
    with opened_page(browser, pages[request.param]) as seen:
        yield seen


def test_it_asks_for_nothing_and_every_figure_leads_to_its_definition(opened: tuple[Page, list[str]]) -> None:
    page, noise = opened
    assert noise == [page.url]
    targets = set(
        page.locator("a[href^='#kpi-']").evaluate_all("links => links.map(one => one.getAttribute('href'))")
    )
    assert {f"#kpi-{kpi.id}" for kpi in our_kpis()} <= targets
    assert page.evaluate("targets => targets.every(one => document.querySelector(one))", sorted(targets))
    page.locator("table.figures a", has_text="Time to activation").first.click()
    expect(page.locator("#kpi-time_to_activation")).to_be_in_viewport()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(opened: tuple[Page, list[str]], width: int) -> None:
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_text_of_a_chart_reaches_over_its_edge(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    over = page.evaluate(
        "[...document.querySelectorAll('figure svg')].flatMap(svg => [...svg.querySelectorAll('text')].filter("
        "text => text.getBoundingClientRect().right > svg.getBoundingClientRect().right + 1).map(t => t.textContent))"
    )
    assert over == []


def test_the_map_has_each_stage_and_says_what_is_not_connected(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["whole"].as_uri())
    expect(page.locator(".way .stop")).to_have_count(5)
    expect(page.locator(".way .leg")).to_have_count(4)
    expect(page.locator(".way .gap")).to_have_count(0)
    page.goto(pages["part"].as_uri())
    expect(page.locator(".way .stop.silent")).to_have_count(2)
    expect(page.locator(".way .leg").nth(3)).to_contain_text("unknown")
    expect(page.locator(".gaps")).to_contain_text("nothing is connected that tells of customer bills")
    page.close()
