"""The raw records that events of the inbox are about: what they hold, or what the system shows when asked again.

A notification of a network element says whose device it is about, and little of it. The device's row is read when the
event is taken in, so that what is stored is what the element shows then.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal, cast

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.discovery import open_source
from connectors.mapping import StreamMapping
from connectors.ports import RawRecord, Rereader, StreamRead
from connectors.webhooks.events import EventShape, record_in
from hub.sync import settings_of
from hub.workplace import Hub
from storage.inbox import InboxEvent

AGAIN = "again"
"""Key of an event that holds no record, but says which one to read again: ``{"again": {"index": "7.3"}}``."""
GONE = "the element shows no such device any more; the next pull says what became of it"
ONCE = "read again once for several events"
_TOLD_BY_ROW = ("serial", "port")


State = Literal["rejected", "taken", "waiting"]


@dataclass(frozen=True, slots=True)
class NoRecord:
    """Why an event gives no record: it is of no use, it has nothing to say, or it must wait."""

    state: State
    reason: str


Records = Callable[[Sequence[InboxEvent]], list[RawRecord | NoRecord]]
"""The record of each event, in their order."""


@dataclass(frozen=True, slots=True)
class EventReading:
    """How the events of a stream are read.

    Attributes:
        mapping: what becomes of their records.
        records: finds the records.
        brings_back: whether a record that a pull has seen deleted is there again when an event says so.
    """

    mapping: StreamMapping
    records: Records
    brings_back: bool = False


def event_reading(hub: Hub, system: str, stream: str) -> EventReading:
    """How the events of a stream are read.

    Raises:
        ConfigurationError: no mapping says what they hold.
    """
    mappings = hub.operator.mappings.get(system, ())
    mapping = next((each for each in mappings if each.stream == stream), None)
    if mapping is not None and mapping.webhook is not None:
        again = mapping.listens.rereads if mapping.listens else ""
        row_mapping = next((each for each in mappings if each.stream == again), None)
        row = row_mapping.read if row_mapping is not None else None
        return EventReading(mapping, _Told(hub, system, mapping.webhook, row))
    if mapping is not None and any(each.listens and each.listens.rereads == stream for each in mappings):
        return EventReading(mapping, _Shown(hub, system, mapping.read), brings_back=True)
    raise ConfigurationError(
        f"{system}.{stream}: events wait in the inbox, and no mapping says what they hold: its webhook was removed"
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Records that events hold; what a notification does not tell is filled in from the device's row.

    Attributes:
        shape: where the record stands in an event.
        row: how the rows of devices are read; None where they are not.
    """

    hub: Hub
    system: str
    shape: EventShape
    row: StreamRead | None

    def __call__(self, events: Sequence[InboxEvent]) -> list[RawRecord | NoRecord]:
        found = [self._record(event) for event in events]
        fields = tuple(name for name in _TOLD_BY_ROW if self.row is not None and name in self.row.fields)
        if self.row is None or "serial" not in fields:
            return found
        lacking = [one for one in found if not isinstance(one, NoRecord) and _lacks(one)]
        if not lacking:
            return found
        read = replace(self.row, fields=fields, key=("serial",), lists={})
        try:
            rows = read_again(self.hub, self.system, read, [str(one["index"]) for one in lacking])
        except RetryableError as error:
            wait = NoRecord("waiting", str(error))
            return [one if isinstance(one, NoRecord) or not _lacks(one) else wait for one in found]
        for one, row in zip(lacking, rows, strict=True):
            one.update({name: row[name] for name in fields if row is not None and one.get(name) is None})
        return found

    def _record(self, event: InboxEvent) -> RawRecord | NoRecord:
        try:
            return record_in(event.payload, self.shape)
        except ValueError as error:
            return NoRecord("rejected", str(error))


@dataclass(frozen=True, slots=True)
class _Shown:
    """Records that a system shows when it is asked for them again."""

    hub: Hub
    system: str
    read: StreamRead

    def __call__(self, events: Sequence[InboxEvent]) -> list[RawRecord | NoRecord]:
        indexes = [_index_in(event) for event in events]
        wanted = list(dict.fromkeys(index for index in indexes if index is not None))
        rows = dict(zip(wanted, read_again(self.hub, self.system, self.read, wanted), strict=True))
        found: list[RawRecord | NoRecord] = []
        for index in indexes:
            if index is None:
                found.append(NoRecord("rejected", f"the event holds no {AGAIN}.index"))
            elif index not in rows:
                found.append(NoRecord("taken", ONCE))
            else:
                found.append(rows.pop(index) or NoRecord("taken", GONE))
        return found


def read_again(hub: Hub, system: str, read: StreamRead, indexes: Sequence[str]) -> list[RawRecord | None]:
    """Records as a system shows them now; None for each that it does not show.

    Raises:
        RetryableError: it is out of reach.
        ConfigurationError: its settings or the read are wrong.
    """
    if not indexes:
        return []
    with closing(cast("Rereader", open_source(settings_of(hub, system)))) as source:
        return source.again(read, indexes)


def _lacks(record: RawRecord) -> bool:
    return record.get("serial") is None and isinstance(record.get("index"), str)


def _index_in(event: InboxEvent) -> str | None:
    asked = event.payload.get(AGAIN)
    index = asked.get("index") if isinstance(asked, dict) else None
    return index if isinstance(index, str) else None
