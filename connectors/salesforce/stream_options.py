"""The options of a stream that is read from an org."""

from dataclasses import dataclass
from typing import Any

from canonical_model.errors import ConfigurationError
from connectors.ports import Option, StreamRead
from connectors.settings import choice

MODES = ("auto", "rest", "bulk")
STREAM_OPTIONS = (
    Option(
        "mode", "auto (default): by the Bulk API from bulk_from records on, and by REST below; rest or bulk: always"
    ),
    Option("bulk_from", "records from which on mode auto takes the Bulk API (default 20000)"),
    Option("bulk_page", "records in one download of the Bulk API (default 50000)"),
    Option("bulk_wait_s", "seconds that a pull waits for a job; the next pull goes on with it (default 1800)"),
    Option(
        "sweep_hours",
        "hours between sweeps over all keys, which find what was deleted without a mark (default 24; 0: in each "
        "pull; never)",
    ),
    Option(
        "children_touch_parent",
        "true: a change of an element of a nested list moves the record's own cursor too; without it such a stream "
        "takes no cursor",
    ),
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
    if read.lists and read.cursor_field and given.get("children_touch_parent") is not True:
        raise ConfigurationError(
            f"{place} a change inside {', '.join(read.lists)} does not move {read.cursor_field} of "
            f"{read.source_object}, and would be missed: take the cursor out, map the children as a stream of their "
            "own, or set children_touch_parent: true if the org sees to it"
        )
    never = given.get("sweep_hours") == "never"
    return StreamOptions(
        mode=choice(f"{place} mode", given.get("mode", MODES[0]), MODES),
        bulk_from=int(_number(place, given, "bulk_from", 20_000)),
        bulk_page=int(_number(place, given, "bulk_page", 50_000, least=1)),
        bulk_wait_s=_number(place, given, "bulk_wait_s", 1800),
        sweep_hours=None if never else _number(place, given, "sweep_hours", 24),
    )


def _number(place: str, given: dict[str, Any], name: str, usual: float, least: float = 0) -> float:
    try:
        value = float(given.get(name, usual))
    except (TypeError, ValueError):
        value = -1.0
    if not least <= value < float("inf"):
        raise ConfigurationError(f"{place} {name}: a number from {least:g} on is expected")
    return value
