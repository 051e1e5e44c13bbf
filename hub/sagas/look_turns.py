"""Whose turn it is to look whether something new is known of what waits: one thread of a process at a time."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_GIVEN_UP_AFTER = timedelta(minutes=1)
"""A look that has failed is made anew after so long."""


@dataclass(slots=True)
class LookTurns:
    """When it was looked last, shared by the desks of a process.

    Attributes:
        every: how often it is looked at most.
    """

    every: timedelta = timedelta(milliseconds=500)
    _next: dict[str | None, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, market: str | None, now: datetime) -> bool:
        """Whether it is time to look at completed jobs of a market, or of all; nobody else looks then."""
        with self._lock:
            due = self._next.get(market)
            if due is not None and due > now:
                return False
            self._next[market] = now + _GIVEN_UP_AFTER
            return True

    def ended(self, market: str | None, began_at: datetime, now: datetime) -> None:
        """It was looked; the more that costs, the longer until the next time, a tenth of all time at most."""
        with self._lock:
            self._next[market] = now + max(self.every, 9 * (now - began_at))
