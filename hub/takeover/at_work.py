"""The guard beside the loop of a worker: it looks at each work that was touched, and at whole markets in turn."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from canonical_model.errors import ConfigurationError
from hub.takeover.watching import watch_takeover
from hub.workplace import Hub
from storage.takeover import moved_markets

log = logging.getLogger(__name__)

WHOLE_EVERY = timedelta(minutes=2)
"""How often a market is looked at as a whole, whatever happens in it."""


@dataclass(slots=True)
class GuardAtWork:
    """What the guard of a worker process has still to look at; shared by its threads.

    Only markets are looked at whose take-over was ever moved: where stages were only declared nobody is to be asked.
    """

    hub: Hub
    _touched: dict[str, set[str]] = field(default_factory=dict)
    _whole_at: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def touch(self, works: Iterable[tuple[str, str]]) -> None:
        """Remember works, each with its market, that something was done about."""
        with self._lock:
            for market, work in works:
                self._touched.setdefault(market, set()).add(work)

    def look(self, now: datetime) -> bool:
        """Look at what was touched, and at markets whose turn it is; whether there was anything to look at.

        Raises:
            RetryableError: the database is out of reach.
        """
        with self._lock:
            touched, self._touched = self._touched, {}
        with self.hub.database.reading() as connection:
            led = sorted(moved_markets(connection) & set(self.hub.operator.markets))
        looked = False
        for market in led:
            last = self._whole_at.get(market)
            if last is None or now - last >= WHOLE_EVERY:
                self._whole_at[market] = now
                looked = self._watched(market, now, None) or looked
            elif works := touched.get(market):
                looked = self._watched(market, now, works) or looked
        return looked

    def _watched(self, market: str, now: datetime, works: set[str] | None) -> bool:
        try:
            outcome = watch_takeover(self.hub, market, now, works).guarded
        except ConfigurationError as error:
            log.warning("the guard cannot look at a market", extra={"market": market, "why": str(error)})
            return False
        for handoff, done in outcome.done.items():
            log.warning("the guard has acted", extra={"market": market, "handoff": handoff, "done": done})
        return True
