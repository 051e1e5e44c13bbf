"""Bounds of a pull: when it stops and asks a person, and what it only remarks."""

from decimal import Decimal

from canonical_model.errors import UnsafeToContinue
from hub.operator_folder.operator_file import Limits


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
            UnsafeToContinue: it holds less than ``shrink_percent`` allows; nothing of the page is stored.
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
            UnsafeToContinue: more than ``rejected_percent`` of the records are unusable; the page is not stored.
        """
        self._read += read
        self._rejected += rejected
        share = Decimal(self._rejected) / Decimal(max(1, self._read)) * 100
        if self._rejected > self._limits.rejected_at_least and share > self._limits.rejected_percent:
            raise UnsafeToContinue(
                f"{self._named}: {self._rejected} of {self._read} records cannot be used, more than"
                f" {self._limits.rejected_percent} %. One of the reasons: {example}"
            )

    def hold_vanished(self, vanished: int, held: int) -> None:
        """Judge how many records a whole pull did not show any more.

        Raises:
            UnsafeToContinue: more than ``shrink_percent`` of what is held; nothing of the page is stored.
        """
        if vanished > held * self._limits.shrink_percent / 100 and vanished > self._limits.rejected_at_least:
            raise UnsafeToContinue(
                f"{self._named}: {vanished} of {held} known records are not in the source any more, more than"
                f" {self._limits.shrink_percent} %. If that is right, raise limits.shrink_percent for once"
            )

    def warnings(self) -> list[str]:
        """What to tell although the pull went through."""
        before, total = self._total_before, self._total
        if before is not None and total is not None and total < before:
            return [f"the source holds {total} records, {before} at the last pull"]
        if total == 0:
            return ["the source holds no records"]
        return []
