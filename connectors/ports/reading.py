"""What is read from a system: a page of raw records, and where to go on after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

RawRecord = dict[str, Any]
"""One record as the source spelled it: JSON values, field names of the source, nested lists kept."""

ResumePoint = dict[str, Any]
"""Where to go on: JSON values that only the connector that wrote them reads."""

REPLAY: ResumePoint = {"replay": True}
"""What a kind that takes everything once (``Capabilities.takes_once``) goes on from where all is to be read again,
what it has put away included."""


@dataclass(frozen=True, slots=True)
class StreamRead:
    """What one mapping asks of a source.

    Attributes:
        stream: the mapping's name, for messages.
        source_object: sObject, operation, path or table, in the source's words.
        fields: names of the source's fields that are read.
        key: the fields that identify a record in the source.
        cursor_field: the field that grows with each change; None pulls everything each time.
        overlap: how far a pull reaches back behind the cursor, because rows appear late.
        page_size: records wanted in a page; the source may give fewer.
        options: what else this kind of system needs (``Capabilities.stream_options``).
        hub_clock: the moment of the pull by the hub's clock, and as much later as a source's may be ahead of it. No
            cursor moves beyond it, though a record that bears a later one is given all the same; what is due is
            reckoned by it. None sets no bound.
        lists: names of the fields of an element, by the path of each nested list among the fields.
        revision: digest of what is made of the records; a source spares nothing that was read for another one.
        is_settled: whether what the resume point tells as taken may be put away; False while the hub may go back and
            read it again.
    """

    stream: str
    source_object: str
    fields: Sequence[str]
    key: Sequence[str]
    cursor_field: str | None = None
    overlap: timedelta = timedelta(minutes=10)
    page_size: int = 2000
    options: Mapping[str, Any] = field(default_factory=dict)
    hub_clock: datetime | None = None
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    revision: str = ""
    is_settled: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A batch of raw records, small enough to hold and to commit in one transaction.

    Attributes:
        records: raw records; a soft-deleted one is in ``deleted`` instead.
        deleted: key values (in the order of ``StreamRead.key``) of records that the source marks as deleted.
        resume: where a later pull goes on once this page is stored.
        last: nothing follows in this pull.
        source_total: records the source holds for this object, whole and not only the changes; None if unknown.
        held: key values that the source holds now: told by a sweep over its keys, without their records, or by a file
            that holds everything.
        swept: with this page every key has been told in ``held``; what is landed beside them is gone from the source.
        warnings: what a person should know although the pull goes on.
        unchanged: the source holds what it held when the resume point was written; nothing was read and nothing is
            gone.
        as_of: the moment of which the source has told everything by now, where that is not the moment of the pull: a
            file tells what was when it was written.
    """

    records: list[RawRecord]
    resume: ResumePoint
    last: bool
    deleted: list[tuple[str, ...]] = field(default_factory=list)
    source_total: int | None = None
    held: list[tuple[str, ...]] = field(default_factory=list)
    swept: bool = False
    warnings: tuple[str, ...] = ()
    unchanged: bool = False
    as_of: datetime | None = None


class Source(Protocol):
    """A connection to one system, opened for reading."""

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages from a resume point on, oldest change first; an empty source yields one last page.

        A pull that breaks after any page and starts again from that page's ``resume`` loses nothing; it may
        give some records again (the overlap), which the upsert makes harmless. The next page is asked for while this
        one is being stored: what a source keeps for a later pull, it keeps in ``resume``.

        Raises:
            ConfigurationError: the object, a field, the login or the address is wrong; names what to mend.
            RetryableError: time-out, reset, 429 or 5xx after the source's own short retries.
            UnsafeToContinue: the source contradicts itself (a page cut short, a total that does not fit).
        """
        ...

    def close(self) -> None:
        """Release the connection; calling it twice is harmless."""
        ...


class Rereader(Source, Protocol):
    """A source whose records can be read again one by one."""

    def again(self, read: StreamRead, indexes: Sequence[str]) -> list[RawRecord | None]:
        """Records as the system shows them now, by their index; None for what it does not show any more.

        Raises:
            RetryableError: the system is out of reach.
            ConfigurationError: login, address or read are wrong.
        """
        ...
