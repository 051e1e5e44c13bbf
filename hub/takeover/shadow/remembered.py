"""Records that were looked up once and are asked for again: around an order the same ones are needed many times."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypeVar

from canonical_model.record import Record
from hub.readiness.order_records import KnownRecords

AnyRecord = TypeVar("AnyRecord", bound=Record)


class RememberedRecords:
    """Records of one market, each looked up once; for as many orders as memory holds, and no longer."""

    def __init__(self, records: KnownRecords) -> None:
        """Begin with nothing.

        Args:
            records: where they are looked up.
        """
        self._records = records
        self._known: defaultdict[tuple[type[Record], str], dict[str, list[Any]]] = defaultdict(dict)

    def among(
        self, entity: type[AnyRecord], column: str, values: Collection[str], **wanted: Collection[str]
    ) -> list[AnyRecord]:
        """As ``KnownRecords``; only values that nobody asked for before are looked up."""
        if wanted:
            return self._records.among(entity, column, values, **wanted)
        known, sought = self._known[entity, column], sorted(set(values))
        new = [value for value in sought if value not in known]
        if new:
            known.update((value, []) for value in new)
            for record in self._records.among(entity, column, new):
                known[getattr(record, column)].append(record)
        return [record for value in sought for record in known[value]]
