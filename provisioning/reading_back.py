"""What an element that took a change shows of it: its answer proves nothing."""

from canonical_model.errors import OutcomeUnknown, RetryableError
from provisioning.change import Change, not_shown
from provisioning.driver import NetworkDriver


def read_back(driver: NetworkDriver, element: str, change: Change) -> None:
    """Look whether an element shows a change that it took.

    Raises:
        OutcomeUnknown: it does not show it, or cannot be asked any more.
    """
    told = f"{element} took the change of line {change.line.service_id}"
    try:
        seen = driver.observe(change.line)
    except RetryableError as error:
        raise OutcomeUnknown(f"{told} and cannot be read back: {error}") from error
    if left := not_shown(seen, change.after):
        raise OutcomeUnknown(f"{told} and does not show {', '.join(left)}")
