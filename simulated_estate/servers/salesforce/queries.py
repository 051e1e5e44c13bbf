"""Running queries: results, pages and the cursors between them."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulated_estate.books import Row
from simulated_estate.faults.feed import Feeds
from simulated_estate.servers.instants import as_instant
from simulated_estate.servers.salesforce.child_lists import ChildList, child_list, written_record
from simulated_estate.servers.salesforce.columns import Binder, Column
from simulated_estate.servers.salesforce.conditions import condition_test, sorted_rows
from simulated_estate.servers.salesforce.errors import OrgError, dead_locator, malformed_query, no_such_object
from simulated_estate.servers.salesforce.schema import Schema
from simulated_estate.servers.salesforce.soql import Query, parse_soql

LARGEST_OFFSET = 2000
_OPEN_CURSORS = 32
_OPEN_CHILD_CURSORS = 4000
_DAWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """The rows a query found; they are written when their page is fetched, so each shows its newest values."""

    entity: str
    columns: tuple[Column, ...]
    rows: list[Row]
    is_whole: bool
    kind: str
    version: str
    children: tuple[ChildList, ...] = ()

    @property
    def is_count(self) -> bool:
        """Whether only the number of rows was asked for."""
        return not (self.columns or self.children)


class Queries:
    """Answers SOQL over the rows of the org and keeps the cursors of unfinished results.

    The newest 32 cursors live; an older one is answered with INVALID_QUERY_LOCATOR.
    """

    def __init__(self, rows: dict[str, list[Row]], schema: Schema, feeds: Feeds) -> None:
        self._rows = rows
        self._schema = schema
        self._feeds = feeds
        self._cursors: dict[str, Result] = {}
        self._child_cursors: dict[str, Result] = {}
        self._opened = 0
        self._lock = threading.Lock()

    def first_page(self, soql: str, kind: str, version: str, size: int) -> dict[str, Any]:
        """Run a query; ``kind`` is ``query`` or ``queryAll``, which also gives deleted rows.

        Raises:
            OrgError: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD, NUMBER_OUTSIDE_VALID_RANGE.
        """
        result = self.run(parse_soql(soql), kind, version)
        if result.is_count:
            return {"totalSize": len(result.rows), "done": True, "records": []}
        return self._page(result, 0, size, "")

    def next_page(self, locator: str, kind: str, size: int) -> dict[str, Any]:
        """Go on where a page ended; ``locator`` is ``cursor-offset``.

        Raises:
            OrgError: INVALID_QUERY_LOCATOR.
        """
        cursor, _, start = locator.partition("-")
        result = self._cursors.get(cursor) or self._child_cursors.get(cursor)
        if result is None or result.kind != kind or not start.isdigit() or int(start) > len(result.rows):
            raise dead_locator()
        return self._page(result, int(start), size, cursor)

    def end_listing(self, result: Result) -> None:
        """Note that a result was read to its last row, however it was read."""
        if result.is_whole:
            self._feeds.end(result.entity)

    def _page(self, result: Result, start: int, size: int, cursor: str) -> dict[str, Any]:
        end = start + size
        records = [self._record(result, row, size) for row in result.rows[start:end]]
        page = self._head(result, end, cursor, self._cursors)
        if page["done"]:
            self.end_listing(result)
        return {**page, "records": self._feeds.repeated(records)}

    def _record(self, result: Result, row: Row, size: int) -> dict[str, Any]:
        record = written_record(result.entity, result.columns, row, result.version)
        for child in result.children:
            rows = child.rows.get(row["Id"], [])
            inner = Result(child.entity, child.columns, rows, False, result.kind, result.version)
            shown = [written_record(child.entity, child.columns, each, result.version) for each in rows[:size]]
            head = self._head(inner, size, "", self._child_cursors)
            record[child.name] = {**head, "records": shown} if rows else None
        return record

    def _head(self, result: Result, end: int, cursor: str, cursors: dict[str, Result]) -> dict[str, Any]:
        """What a page says beside its records."""
        if end >= len(result.rows):
            return {"totalSize": len(result.rows), "done": True}
        following = f"/services/data/{result.version}/{result.kind}/{cursor or self._keep(result, cursors)}-{end}"
        return {"totalSize": len(result.rows), "done": False, "nextRecordsUrl": following}

    def _keep(self, result: Result, cursors: dict[str, Result]) -> str:
        most = _OPEN_CURSORS if cursors is self._cursors else _OPEN_CHILD_CURSORS
        with self._lock:
            self._opened += 1
            cursor = f"01gLV{self._opened:013d}"
            cursors[cursor] = result
            for oldest in list(cursors)[:-most]:
                del cursors[oldest]
        return cursor

    def run(self, query: Query, kind: str, version: str) -> Result:
        """The rows that a query finds.

        Raises:
            OrgError: as ``first_page``.
        """
        entity = self._schema.entity(query.sobject)
        if entity is None:
            raise no_such_object(query.text, query.sobject_place, query.sobject)
        if query.offset > LARGEST_OFFSET:
            message = f"Maximum SOQL offset allowed is {LARGEST_OFFSET}"
            raise OrgError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
        binder = Binder(query.text, entity, self._rows, self._schema)
        columns = tuple(binder.column(path) for path in query.fields)
        if len({(column.parent, column.name) for column in columns}) < len(columns):
            raise malformed_query(f"duplicate field selected: {_first_double(columns)}")
        children = tuple(
            child_list(child, entity, self._rows, self._schema, deleted_too=kind == "queryAll")
            for child in query.children
        )
        rows = self._visible(entity, kind, is_listing=bool(columns or children))
        if query.where is not None:
            test = condition_test(query.text, query.where, binder)
            rows = [row for row in rows if test(row)]
        rows = sorted_rows(rows, query.order_by, binder)[query.offset :]
        found = len(rows)
        rows = rows[: query.limit]
        return Result(entity, columns, rows, found == len(rows), kind, version, children)

    def _visible(self, entity: str, kind: str, *, is_listing: bool) -> list[Row]:
        """The rows that this kind of query sees, without those that faults hold back."""
        if is_listing:
            self._feeds.begin(entity)
        if self._feeds.is_empty:
            return []
        rows = [row for row in self._rows[entity] if kind == "queryAll" or not row.get("IsDeleted")]
        stamps = [as_instant(row["SystemModstamp"]) for row in rows]
        newest = max(stamps, default=_DAWN)
        limit = self._feeds.hidden_after(entity, newest)
        if limit is None:
            return rows
        return [row for row, stamp in zip(rows, stamps, strict=True) if stamp < limit or stamp == newest]


def _first_double(columns: tuple[Column, ...]) -> str:
    names = [column.name for column in columns]
    return next(name for name in names if names.count(name) > 1)
