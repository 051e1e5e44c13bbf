"""A page of raw records becomes canonical records and rejections."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

import duckdb
from pydantic import TypeAdapter, ValidationError

from canonical_model.errors import ConfigurationError
from canonical_model.record import Record
from connectors.cursors import FARTHEST_ZONE
from connectors.mapping.drift import DriftWatch
from connectors.mapping.loading import Entries, Level, load, make_tables
from connectors.mapping.mapped import MappedBatch, MappedRaw, landed_id, nameless_id
from connectors.mapping.plan import MappedSystem, RecordPlan, StreamMapping
from connectors.mapping.quality_gate import passed_quality
from connectors.mapping.reasons import Findings, mapping_problems, validation_problems
from connectors.mapping.record_sql import column_names, record_select
from connectors.mapping.session import MEMORY_LIMIT, open_session, quoted
from connectors.ports import RawRecord
from rules.types import Kind

_ROWS_AT_A_TIME = 250
"""Rows that are fetched, validated and forgotten together: as many as stay in the processor's own memory."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR_READINGS: dict[Kind, str] = {
    "timestamp": "EPOCH_US({column})",
    "date": "EPOCH_US(CAST({column} AS TIMESTAMP))",
    "integer": "{column}",
}


@dataclass(slots=True)
class _Page:
    """A page while it is being mapped; lists are by row of the raw record."""

    raw: Sequence[RawRecord]
    ids: list[str]
    pulled_at: datetime
    entries: dict[str | None, Entries] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    mapped: dict[int, tuple[Record, ...]] = field(default_factory=dict)

    def note(self, row: int, problems: Iterable[tuple[str, str]]) -> None:
        """Something is wrong with a raw record."""
        for name, problem in problems:
            self.findings.add(row, name, problem)


class PageMapper:
    """Maps the pages of one stream of one system; keeps a DuckDB session open between them.

    Not to be shared between threads.
    """

    def __init__(self, mapping: StreamMapping, system: MappedSystem) -> None:
        """Open the session and prepare the statements.

        Raises:
            ValueError: the mapping is not for this system.
        """
        if system.name not in mapping.systems:
            raise ValueError(f"{mapping.file} maps {', '.join(mapping.systems)}, not {system.name}")
        self._mapping = mapping
        self._drift = DriftWatch(mapping)
        self._levels = [Level("typed", None, mapping.fields)]
        self._levels += [
            Level(f"typed{number}", path, element) for number, (path, element) in enumerate(mapping.lists.items())
        ]
        tables = {level.path: level.table for level in self._levels}
        self._queries = [(plan, record_select(mapping, plan, system, tables)) for plan in mapping.records]
        self._session = open_session()
        for level in self._levels:
            make_tables(self._session, level)

    def map_page(
        self,
        records: Sequence[RawRecord],
        pulled_at: datetime,
        not_after: datetime | None = None,
        *,
        is_of_a_pull: bool = True,
    ) -> MappedBatch:
        """Map one page; every raw record comes back, mapped or rejected.

        Args:
            records: the raw records of the page.
            pulled_at: what expressions see under that name.
            not_after: a cursor beyond this moment lies ahead and orders nothing; None sets no bound.
            is_of_a_pull: False for records that came one by one, of which each is judged for itself.

        Raises:
            ConfigurationError: a declared field has vanished from the source, or the page does not fit into memory.
        """
        drift = self._drift.look_at(records)
        batch = replace(self._mapped(records, pulled_at, not_after), drift=drift)
        suites = self._mapping.quality
        return passed_quality(batch, suites, is_whole_page=is_of_a_pull) if suites else batch

    def map_picked(
        self, records: Sequence[RawRecord], pulled_at: datetime, not_after: datetime | None = None
    ) -> MappedBatch:
        """Map raw records that were picked out, as ``map_page`` does, but judge each for itself.

        A field that all of them lack tells nothing about the source, nor does a share of them about a page.

        Raises:
            ConfigurationError: they do not fit into memory.
        """
        batch = self._mapped(records, pulled_at, not_after)
        suites = self._mapping.quality
        return passed_quality(batch, suites, is_whole_page=False) if suites else batch

    def close(self) -> None:
        """Let go of the session; calling it twice is harmless."""
        self._session.close()

    def _mapped(self, records: Sequence[RawRecord], pulled_at: datetime, not_after: datetime | None) -> MappedBatch:
        page = self._page(records, pulled_at)
        try:
            for level in self._levels:
                page.entries[level.path] = load(self._session, level, records, page.ids, page.findings)
            for plan, query in self._queries:
                self._map(page, plan, query)
            orders, ahead = self._change_orders(not_after)
        except duckdb.OutOfMemoryException as error:
            raise ConfigurationError(
                f"{self._mapping.file}: read.page_size: a page of {len(records)} records needs more than "
                f"{MEMORY_LIMIT} of memory; ask for smaller pages"
            ) from error
        raws = tuple(_outcome(page, row, orders.get(row)) for row in range(len(records)))
        told_ahead = tuple(page.ids[row] for row in ahead)
        return MappedBatch(raws, newest_event=self._newest_event(orders.values()), ahead=told_ahead)

    def _page(self, records: Sequence[RawRecord], pulled_at: datetime) -> _Page:
        key = self._mapping.read.key
        ids = [_landed_id(record, key) for record in records]
        page = _Page(records, [found or "" for found in ids], pulled_at)
        for row, found in enumerate(ids):
            if found is None:
                page.ids[row] = nameless_id(records[row])
                page.findings.add(row, ", ".join(key), "is missing, empty or not plain text, which no key may be")
        return page

    def _map(self, page: _Page, plan: RecordPlan, query: str) -> None:
        """Make the records of one plan."""
        names, values = column_names(plan), page.entries[plan.rows].values
        answer = self._session.execute(query, {"pulled_at": page.pulled_at})
        while rows := answer.fetchmany(_ROWS_AT_A_TIME):
            places: list[tuple[int, int]] = []
            computed: list[dict[str, Any]] = []
            for row, place, codes, *fields in rows:
                if codes is None:
                    places.append((row, place))
                    computed.append(dict(zip(names, fields, strict=True)))
                else:
                    page.note(row, mapping_problems(plan, codes, page.raw[row], values[place]))

            def refuse(number: int, error: ValidationError, places: Sequence[tuple[int, int]] = places) -> None:
                row, place = places[number]
                page.note(row, validation_problems(plan, error, page.raw[row], values[place]))

            for (row, _), record in zip(places, _validated(plan.entity, computed, refuse), strict=True):
                if record is not None:
                    page.mapped[row] = (*page.mapped[row], record) if row in page.mapped else (record,)

    def _change_orders(self, not_after: datetime | None) -> tuple[dict[int, int], list[int]]:
        """The cursor of each raw record that has one, by row, and the rows whose cursor lies ahead.

        Moments and days are microseconds since 1970.
        """
        cursor = self._mapping.read.cursor_field
        if cursor is None:
            return {}, []
        kind = self._mapping.fields[cursor].kind
        read = _CURSOR_READINGS[kind].format(column=quoted(cursor))
        query = f'SELECT "#row", {read} FROM typed WHERE "#faults" IS NULL'  # noqa: S608
        found = {row: order for row, order in self._session.execute(query).fetchall() if order is not None}
        bound = _latest_order(kind, not_after)
        ahead = [row for row, order in found.items() if bound is not None and order > bound]
        for row in ahead:
            del found[row]
        return found, ahead

    def _newest_event(self, orders: Iterable[int]) -> datetime | None:
        cursor = self._mapping.read.cursor_field
        if cursor is None or self._mapping.fields[cursor].kind != "timestamp":
            return None
        newest = max(orders, default=None)
        return None if newest is None else _EPOCH + timedelta(microseconds=newest)


def _latest_order(kind: Kind, not_after: datetime | None) -> int | None:
    """The change order that does not lie ahead yet; None where nothing does."""
    if not_after is None or kind == "integer":
        return None
    latest = not_after + FARTHEST_ZONE if kind == "date" else not_after
    return (latest - _EPOCH) // timedelta(microseconds=1)


def _outcome(page: _Page, row: int, change_order: int | None) -> MappedRaw:
    rejection = page.findings.rejection(row) if row in page.findings.by_row else None
    records = () if rejection else page.mapped.get(row, ())
    return MappedRaw(page.ids[row], page.raw[row], records, rejection, change_order)


@cache
def _list_of(entity: type[Record]) -> TypeAdapter[list[Record]]:
    return TypeAdapter(list[entity])  # type: ignore[valid-type]


_Refuse = Callable[[int, ValidationError], None]
"""Takes the place of a record, and what the model has against it."""


def _validated(entity: type[Record], computed: Sequence[dict[str, Any]], refuse: _Refuse) -> Sequence[Record | None]:
    """The records, None for one that is refused; all are tried at once, since nearly all are sound."""
    with suppress(ValidationError):
        return _list_of(entity).validate_python(computed)
    return [_validated_alone(entity, fields, partial(refuse, number)) for number, fields in enumerate(computed)]


def _validated_alone(
    entity: type[Record], fields: dict[str, Any], refuse: Callable[[ValidationError], None]
) -> Record | None:
    try:
        return entity.model_validate(fields)
    except ValidationError as error:
        # told here and not handed on, as it holds frames that hold the page: a circle that keeps both in memory
        refuse(error)
    return None


def _landed_id(record: RawRecord, key: Sequence[str]) -> str | None:
    """The key of a raw record; None where it is not usable as one."""
    if len(key) == 1:
        alone = record.get(key[0])
        if type(alone) is str:
            return alone if alone and alone.isprintable() else None
    parts = []
    for name in key:
        value = record.get(name)
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not text.isprintable() or not text:
            return None
        parts.append(text)
    return landed_id(parts)
