"""Short, bounded retries inside one request: what passes by itself is waited for, what does not is told."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar

from canonical_model.errors import ConfigurationError
from connectors.ports import Option, SystemSettings

PATIENCE_OPTIONS = (
    Option("attempts", "how often one request is tried before the error is told (default 3)"),
    Option("longest_wait_s", "seconds that are waited between two attempts at most (default 20)"),
)
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
"""Whole seconds by RFC 9110; some services give a fraction."""

FIRST_WAIT_S = 1.0
"""For the answer to a datagram, before the same datagram goes out again."""

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class Answered(Protocol):
    """What the answers of requests and of httpx have in common."""

    @property
    def status_code(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields, names in any case."""
        ...


Answer = TypeVar("Answer", bound=Answered)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request is pursued.

    Attributes:
        attempts: requests sent in all, the first included.
        longest_wait_s: bound of each wait; a source that asks for a longer one is left alone at once.
        first_wait_s: wait before the second attempt, doubled each time.
    """

    attempts: int = 3
    longest_wait_s: float = 20.0
    first_wait_s: float = 0.5


def patience_of(settings: SystemSettings) -> Patience:
    """Read the options of a system.

    Raises:
        ConfigurationError: a value is no number, or makes no sense.
    """
    try:
        attempts = int(settings.options.get("attempts", 3))
        longest = float(settings.options.get("longest_wait_s", 20.0))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"system {settings.name}: attempts and longest_wait_s are numbers") from error
    if not 1 <= attempts <= 10 or not 0 <= longest <= 300:
        raise ConfigurationError(f"system {settings.name}: attempts is 1 to 10, longest_wait_s is 0 to 300")
    return Patience(attempts, longest)


def patiently(
    ask: Callable[[], Answer],
    patience: Patience,
    *,
    passing: Callable[[Answer], bool],
    broken: tuple[type[Exception], ...],
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Ask until the answer is no passing refusal, at most as often as the patience allows.

    Args:
        ask: sends the request; raises one of ``broken`` when the connection fails.
        patience: bounds.
        passing: whether an answer is a refusal that may pass (429, 503 ...).
        broken: errors after which the same request may be sent again. Time-outs do not belong here: they have
            cost their full time already.
        sleep: waits.

    Returns:
        The last answer, which may still be a passing refusal; the error of the last attempt is let through.
    """
    pause = patience.first_wait_s
    for _ in range(patience.attempts - 1):
        wait = min(pause, patience.longest_wait_s)
        try:
            answer = ask()
        except broken:
            pass
        else:
            asked = retry_after_s(answer.headers)
            if not passing(answer) or (asked or 0.0) > patience.longest_wait_s:
                return answer
            wait = wait if asked is None else asked
        sleep(wait)
        pause *= 2
    return ask()


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, whether it holds seconds or a date; None without one.

    A date is measured against the ``Date`` header of the same answer, so that no clocks need to agree; where there
    is none, it tells nothing.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        wait = _moment(value) - _moment(headers["Date"])
    except (KeyError, IndexError, OverflowError, TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())


def _moment(date: str) -> datetime:
    """A date of HTTP; one in the zone -0000 is in UTC (RFC 5322 section 3.3)."""
    moment = parsedate_to_datetime(date)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def waits(timeout_s: float) -> tuple[float, ...]:
    """How long each sending of a question is waited for: doubled each time, the time-out in all."""
    found: list[float] = []
    following = min(FIRST_WAIT_S, timeout_s / 7)
    while (left := timeout_s - sum(found)) > 0.001:
        found.append(left if left < 1.5 * following else following)
        following *= 2
    return tuple(round(wait, 3) for wait in found)
