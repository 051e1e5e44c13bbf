"""Chromium without a window, and all that a page in it asks for or complains about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.peers import require_peer

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the tests of a module: what drives it keeps the event loop of its thread to itself."""
    program = require_peer("chromium")["chromium"]
    with sync_playwright() as browsers:
        started = browsers.chromium.launch(executable_path=str(program), args=list(SWITCHES))
        yield started
        started.close()


@contextmanager
def opened_page(browser: Browser, file: Path) -> Iterator[tuple[Page, list[str]]]:
    """The page of a file, and what it asks for, shows in a dialog or writes to the console, from its start on."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: noise.append(dialog.message))
    page.on("request", lambda request: noise.append(request.url))
    page.goto(file.as_uri())
    yield page, noise
    page.close()
