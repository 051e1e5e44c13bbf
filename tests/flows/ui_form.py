"""A form of the Prefect UI, filled in and sent off as a person does it."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from flows.server import PrefectServer

PATIENCE_MS = 15_000
PAGE_PATIENCE_MS = 60_000
A_PERSONS_PAUSE_MS = 1_000
"""The form hands on what is typed after a moment; of two texts within it, the first may come last."""


def answer_form(
    browser: Browser,
    server: PrefectServer,
    run: str,
    question: str,
    chosen: Sequence[str],
    reason: str,
    picture: str,
) -> None:
    """Answer the form of a run that waits: its page, its button, the lists from above, the reason.

    Args:
        browser: that is used.
        server: with the run.
        run: its id.
        question: that stands above the form.
        chosen: one of each list, from above.
        reason: typed into the last field.
        picture: how the names of pictures begin.
    """
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PAGE_PATIENCE_MS)
    page.goto(f"{server.ui_url}/runs/flow-run/{run}")
    pictured(page, f"{picture}-run")
    page.get_by_role("button", name="Resume").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_text(question)).to_be_visible()
    for place, value in enumerate(chosen):
        form.locator("fieldset button").nth(place).focus()
        page.keyboard.press("ArrowDown")  # a list that is opened by the mouse closes again without a window
        page.get_by_text(value, exact=True).last.click()
    form.locator("textarea").last.fill(reason)
    page.wait_for_timeout(A_PERSONS_PAUSE_MS)
    pictured(page, f"{picture}-approval")
    submit(form, lambda patience: expect(form).to_be_hidden(timeout=patience))
    page.close()


def pictured(page: Page, name: str) -> None:
    """Keep a picture for the documentation, where somebody asks for one by naming a folder."""
    if folder := os.environ.get("SPLICE_PICTURES"):
        page.wait_for_timeout(A_PERSONS_PAUSE_MS)
        page.screenshot(path=Path(folder) / f"{name}.png")


def submit(form: Locator | Page, is_left: Callable[[float], None]) -> None:
    """Press the button until the form is left: one that still reads its schema ignores it, and a busy server turns
    it away and says so beside the form.

    Args:
        form: what holds the button.
        is_left: waits for that, so many milliseconds; AssertionError where it does not happen.
    """
    button = form.get_by_role("button", name="Submit")
    for _ in range(3):
        button.click()
        with suppress(AssertionError):
            return is_left(PATIENCE_MS)
    button.click()
    return is_left(PATIENCE_MS)
