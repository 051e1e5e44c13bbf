"""Raw records that wait on disk until it is known how many there are, so that no memory grows with their number."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice

from connectors.ports import RawRecord

_IN_MEMORY = 2**20
"""Octets that are held before a file is begun."""


class Spool:
    """Records in the order in which they came, in a file without a name that is gone with this process.

    Attributes:
        total: how many there are.
    """

    def __init__(self) -> None:
        self.total = 0
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115

    def add(self, records: Iterable[RawRecord]) -> None:
        """Keep records, which hold JSON values."""
        lines = [json.dumps(record) for record in records]
        self.total += len(lines)
        self._file.writelines(f"{line}\n" for line in lines)

    def pages(self, size: int) -> Iterator[tuple[list[RawRecord], bool]]:
        """The records by pages, each with whether it is the last one; a single empty page where there is none."""
        self._file.seek(0)
        for start in range(0, max(self.total, 1), size):
            lines = islice(self._file, size)
            yield [json.loads(line) for line in lines], start + size >= self.total

    def close(self) -> None:
        """Forget the records; calling it twice is harmless."""
        self._file.close()
