"""A form of the Prefect UI, sent off as a person does it."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Locator, Page

PATIENCE_MS = 15_000


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
