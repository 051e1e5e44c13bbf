"""A pull over the REST API: sorted pages, each continuing behind the last record that was stored.

A query's locator is followed while it lives; where it has died, or in a later pull, the query is asked anew from the
last cursor and Id on, so that a break at any page loses nothing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from canonical_model.errors import RetryableError, UnsafeToContinue
from connectors.paged_pull import Answer, Ask
from connectors.ports import RawRecord, StreamRead
from connectors.salesforce import soql
from connectors.salesforce.raw_records import from_json
from connectors.salesforce.soql import QueryRefused

if TYPE_CHECKING:
    from connectors.salesforce.org import Org


class RestPull:
    """The questions of one pull; remembers the locator that is alive."""

    def __init__(self, org: "Org", read: StreamRead, *, marks_deleted: bool) -> None:
        self._org = org
        self._read = read
        self._marks_deleted = marks_deleted
        self._doing = f"pull {read.source_object}"
        self._alive: tuple[Any, str] | None = None

    def page(self, ask: Ask, held: int) -> Answer:
        """One page; ``held`` is how many records the org holds.

        Raises:
            QueryRefused: the org names a fault in the query.
            UnsafeToContinue: the org says that more follows, but not behind which record.
        """
        told = self._more(ask) or self._anew(ask)
        records = [self._record(record) for record in told["records"]]
        matching = ask.position["matching"] if ask.position else told["totalSize"]
        following = None if told["done"] else self._following(records, matching)
        self._alive = None if told["done"] else (following, str(told.get("nextRecordsUrl") or ""))
        return Answer(records, following, matching, held)

    def _more(self, ask: Ask) -> dict[str, Any] | None:
        if self._alive is None or not self._alive[1] or self._alive[0] != ask.position:
            return None
        try:
            return self._org.more(self._alive[1], self._doing, size=ask.size)
        except QueryRefused as refusal:
            if refusal.code != "INVALID_QUERY_LOCATOR":
                raise
            return None

    def _anew(self, ask: Ask) -> dict[str, Any]:
        after = (ask.position["cursor"], ask.position["id"]) if ask.position else None
        since = None if ask.since is None else str(ask.since)
        text = soql.select(self._read, since, after, marks_deleted=self._marks_deleted)
        return self._org.query(text, self._doing, deleted_too=True, size=ask.size)

    def _following(self, records: list[RawRecord], matching: int) -> dict[str, Any]:
        if not records:
            raise UnsafeToContinue(
                f"{self._read.stream}: {self._read.source_object} gave an empty page in the middle"
            )
        cursor = records[-1].get(self._read.cursor_field) if self._read.cursor_field else None
        return {"cursor": cursor, "id": records[-1]["Id"], "matching": matching}

    def _record(self, told: dict[str, Any]) -> RawRecord:
        record = from_json(told)
        for name, fields in self._read.lists.items():
            record[name] = self._elements(name, fields, record.get(name))
        return record

    def _elements(self, name: str, fields: Sequence[str], told: dict[str, Any] | None) -> list[RawRecord]:
        """The elements of a nested list, from all of its pages; null is an empty list."""
        if told is None:
            return []
        place = f"{self._read.source_object}.{name}"
        if not {"records", "totalSize", "done"} <= set(told):
            raise UnsafeToContinue(f"{self._read.stream}: {place} is no nested list as Salesforce tells one")
        expected, found = told["totalSize"], list(told["records"])
        while not told["done"]:
            try:
                told = self._org.more(
                    str(told.get("nextRecordsUrl") or ""), f"pull {place}", size=self._read.page_size
                )
            except QueryRefused as refusal:
                raise RetryableError(
                    f"{self._org.name}: {place}: {refusal.code}: the list broke off; try again later"
                ) from refusal
            found += told["records"]
        if len(found) < expected:
            raise UnsafeToContinue(f"{self._read.stream}: {place} counts {expected} records and gave {len(found)}")
        elements = [from_json(element) for element in found]
        return [_wanted(element, fields) for element in elements if element.get(soql.DELETED) is not True]


def _wanted(element: RawRecord, fields: Sequence[str]) -> RawRecord:
    """An element without what was asked for beside the mapping's fields."""
    wanted = {path.partition(".")[0] for path in fields}
    return {name: value for name, value in element.items() if name in wanted}
