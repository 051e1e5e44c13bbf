"""How many of its daily API calls an org has used, as it says with every answer, and the share that is left alone."""

import re
from typing import Any

import requests

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.ports import SystemSettings

_USED = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


class ApiUsage:
    """Stops requests before they take the last calls of an org's day, which others need."""

    def __init__(self, settings: SystemSettings) -> None:
        """Read how much is left alone.

        Raises:
            ConfigurationError: ``reserve_percent`` is no number from 0 to 90.
        """
        try:
            self._reserve = float(settings.options.get("reserve_percent", 10))
        except (TypeError, ValueError):
            self._reserve = -1.0
        if not 0 <= self._reserve <= 90:
            raise ConfigurationError(f"system {settings.name}: options: reserve_percent is a number from 0 to 90")
        self._name = settings.name
        self._used = 0
        self._most: int | None = None

    @property
    def left(self) -> int | None:
        """Calls that may still be made; None before the first answer."""
        return None if self._most is None else max(0, self.share(self._most) - self._used)

    def share(self, most: int) -> int:
        """What may be used of a daily limit."""
        return int(most * (100 - self._reserve) / 100)

    def note(self, answer: requests.Response, *_args: Any, **_options: Any) -> None:
        """Read the header of an answer; a hook of a session of requests."""
        if told := _USED.search(answer.headers.get("Sforce-Limit-Info", "")):
            self._used, self._most = int(told[1]), int(told[2])

    def hold(self, doing: str) -> None:
        """Refuse one more call if it would take what is left alone.

        Raises:
            RetryableError: it would; nothing was sent.
        """
        if self.left == 0:
            raise RetryableError(
                f"{self._name}: {doing}: the org has used {self._used} of its {self._most} API calls of the last 24 "
                f"hours, and the last {self._reserve:g} % are left to others; what was pulled is kept and the next "
                "pull goes on from there: pull later, or lower reserve_percent"
            )
