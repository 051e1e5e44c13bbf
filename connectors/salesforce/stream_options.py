"""The options of a stream that is read from an org."""

from dataclasses import dataclass
from typing import Any

from connectors.ports import Option, StreamRead
from connectors.settings import (
    CHILDREN_TOUCH_PARENT,
    SWEEP_HOURS,
    choice,
    number,
    refuse_lists_behind_a_cursor,
    sweep_hours,
)

MODES = ("auto", "rest", "bulk")
STREAM_OPTIONS = (
    Option(
        "mode", "auto (default): by the Bulk API from bulk_from records on, and by REST below; rest or bulk: always"
    ),
    Option("bulk_from", "records from which on mode auto takes the Bulk API (default 20000)"),
    Option("bulk_page", "records in one download of the Bulk API (default 50000)"),
    Option("bulk_wait_s", "seconds that a pull waits for a job; the next pull goes on with it (default 1800)"),
    SWEEP_HOURS,
    CHILDREN_TOUCH_PARENT,
)


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """The options, typed; ``sweep_hours`` is None for never."""

    mode: str
    bulk_from: int
    bulk_page: int
    bulk_wait_s: float
    sweep_hours: float | None


def read_options(read: StreamRead, given: dict[str, Any]) -> StreamOptions:
    """Check the options of a stream.

    Raises:
        ConfigurationError: one is of no use, or a nested list would hide its changes behind the cursor.
    """
    place = f"{read.stream}: options:"
    refuse_lists_behind_a_cursor(read, read.lists, given)
    return StreamOptions(
        mode=choice(f"{place} mode", given.get("mode", MODES[0]), MODES),
        bulk_from=int(number(f"{place} bulk_from", given.get("bulk_from", 20_000))),
        bulk_page=int(number(f"{place} bulk_page", given.get("bulk_page", 50_000), least=1)),
        bulk_wait_s=number(f"{place} bulk_wait_s", given.get("bulk_wait_s", 1800)),
        sweep_hours=sweep_hours(read, given),
    )
