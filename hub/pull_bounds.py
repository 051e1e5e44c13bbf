"""Bounds of a pull: when it stops and asks a person, and what it only remarks."""

from decimal import Decimal

from canonical_model.errors import UnsafeToContinue
from hub.operator_folder.operator_file import Limits

FEWEST_JUDGED = 5
"""Of fewer records no share means anything."""

MOST_OF_A_FEW = Decimal(50)
"""Percent of records that may be lost while the number itself is small."""


class PullBounds:
    """Holds a running pull against the operator's limits.

    A small delta is no alarm, because on a quiet day little changes; a source that *holds* much less than
    last time is, because a feed that was cut looks exactly like customers who left.
    """

    def __init__(self, limits: Limits, named: str, total_before: int | None) -> None:
        self._limits = limits
        self._named = named
        self._total_before = total_before
        self._total: int | None = None
        self._read = 0
        self._rejected = 0

    def hold_total(self, source_total: int | None) -> None:
        """Compare what the source says it holds with the last pull.

        Raises:
            UnsafeToContinue: it holds less than ``shrink_percent`` allows; nothing of the page may be stored.
        """
        if source_total is None:
            return
        self._total = source_total
        before = self._total_before
        if before and source_total < before * (1 - self._limits.shrink_percent / 100):
            raise UnsafeToContinue(
                f"{self._named}: the source holds {source_total} records, {before} at the last pull: more than"
                f" {self._limits.shrink_percent} % are gone. If that is right, raise limits.shrink_percent for once"
            )

    def hold_rejected(self, read: int, rejected: int, example: str) -> None:
        """Count a page and judge the pull so far; ``example`` is why one record of it was rejected.

        Raises:
            UnsafeToContinue: too many of the records are unusable; nothing of the page may be stored.
        """
        self._read += read
        self._rejected += rejected
        exceeded = self._exceeded(self._rejected, self._read, self._limits.rejected_percent)
        if exceeded is not None:
            raise UnsafeToContinue(
                f"{self._named}: {self._rejected} of {self._read} records cannot be used, more than {exceeded} %."
                f" One of the reasons: {example}"
            )

    def hold_vanished(self, vanished: int, held: int) -> None:
        """Judge how many records a whole pull did not show any more.

        Raises:
            UnsafeToContinue: too many of what is held; nothing of the page may be stored.
        """
        exceeded = self._exceeded(vanished, held, self._limits.shrink_percent)
        if exceeded is not None:
            raise UnsafeToContinue(
                f"{self._named}: {vanished} of {held} known records are not in the source any more, more than"
                f" {exceeded} %. If that is right, raise limits.shrink_percent for once"
            )

    def warnings(self) -> list[str]:
        """What to tell although the pull went through."""
        before, total = self._total_before, self._total
        if before is not None and total is not None and total < before:
            return [f"the source holds {total} records, {before} at the last pull"]
        if total == 0:
            return ["the source holds no records"]
        return []

    def _exceeded(self, lost: int, of: int, percent: Decimal) -> Decimal | None:
        """The share that is exceeded; None where none is.

        A small number of lost records exceeds nothing unless they are most of those that there are.
        """
        is_small = lost <= self._limits.rejected_at_least
        if is_small and of < FEWEST_JUDGED:
            return None
        allowed = max(percent, MOST_OF_A_FEW) if is_small else percent
        return allowed if lost * 100 > of * allowed else None
