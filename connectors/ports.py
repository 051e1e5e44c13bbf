"""The contract between the hub and a kind of system: a page of raw records, and where to go on after it.

A kind of system is one file in ``connectors/systems/`` with two names: ``CAPABILITIES`` and ``open_source``.
Nothing inherits from anything here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from pydantic import SecretStr

RawRecord = dict[str, Any]
"""One record as the source spelled it: JSON values, field names of the source, nested lists kept."""

ResumePoint = dict[str, Any]
"""Where to go on: JSON values that only the connector that wrote them reads."""

Deletes = Literal["invisible", "soft"]


@dataclass(frozen=True, slots=True)
class Option:
    """One setting that a system block or a mapping's ``options`` may carry, for checks and reference pages."""

    name: str
    meaning: str
    required: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of system can do, readable without opening a connection or loading its library.

    Attributes:
        kind: the name used in operator.yaml, equal to the file's stem.
        protocol: the field's name of the protocol and the versions spoken.
        logins: ways to authenticate, the first being the default.
        incremental: whether a pull can ask for changes since a cursor.
        deletes: how a deletion shows: ``soft`` as a marked record, ``invisible`` not at all.
        total: whether the source tells how many records it holds, which the shrink guard needs.
        system_options: what its block in operator.yaml may hold.
        stream_options: what ``options:`` of a mapping may hold.
        takes_once: whether what was taken is never given again (files), so that a pull goes on from its resume point
            without a cursor too.
    """

    kind: str
    protocol: str
    logins: tuple[str, ...]
    incremental: bool
    deletes: Deletes
    total: bool
    system_options: tuple[Option, ...] = ()
    stream_options: tuple[Option, ...] = ()
    takes_once: bool = False


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """One system of the operator, its references resolved.

    Attributes:
        name: the name in operator.yaml, used in messages, rows and reports.
        kind: which file of ``connectors/systems/`` speaks to it.
        address: URL or ``host:port``.
        options: settings without secrets, as ``Capabilities.system_options`` lists them.
        secrets: settings that are never shown.
        timeout_s: seconds to wait for one answer.
    """

    name: str
    kind: str
    address: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, SecretStr] = field(default_factory=dict)
    timeout_s: float = 30.0


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
        not_after: the latest moment that a cursor may move to; a record that bears a later one is given all the same.
            None sets no bound.
        lists: names of the fields of an element, by the path of each nested list among the fields.
    """

    stream: str
    source_object: str
    fields: Sequence[str]
    key: Sequence[str]
    cursor_field: str | None = None
    overlap: timedelta = timedelta(minutes=10)
    page_size: int = 2000
    options: Mapping[str, Any] = field(default_factory=dict)
    not_after: datetime | None = None
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
    as_of: datetime | None = None


class Source(Protocol):
    """A connection to one system, opened for reading."""

    def pages(self, read: StreamRead, resume: ResumePoint | None) -> Iterator[Page]:
        """Yield pages from a resume point on, oldest change first; an empty source yields one last page.

        A pull that breaks after any page and starts again from that page's ``resume`` loses nothing; it may
        give some records again (the overlap), which the upsert makes harmless.

        Raises:
            ConfigurationError: the object, a field, the login or the address is wrong; names what to mend.
            RetryableError: time-out, reset, 429 or 5xx after the source's own short retries.
            UnsafeToContinue: the source contradicts itself (a page cut short, a total that does not fit).
        """
        ...

    def close(self) -> None:
        """Release the connection; calling it twice is harmless."""
        ...
