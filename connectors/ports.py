"""The contract between the hub and a kind of system: a page of raw records, and where to go on after it.

A kind of system is one file in ``connectors/systems/`` with ``CAPABILITIES`` and ``open_source``, ``open_sink`` or
both: what is read comes as pages, what is written goes as one write at a time. Nothing inherits from anything here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from pydantic import SecretStr

from handoffs.effect_states import Repeats, Unsure

RawRecord = dict[str, Any]
"""One record as the source spelled it: JSON values, field names of the source, nested lists kept."""

ResumePoint = dict[str, Any]
"""Where to go on: JSON values that only the connector that wrote them reads."""

Deletes = Literal["invisible", "soft"]
KeyNames = Literal["placeholders", "field", "fields"]
"""What the ``key`` of a command file names: ``{name}`` in ``object``, one field of the record, or one or more."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting that a system block or a mapping's ``options`` may carry, for checks and reference pages."""

    name: str
    meaning: str
    required: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Looks:
    """How a kind of system is asked what it shows, readable like its other capabilities.

    Attributes:
        options: what ``look.options`` of a command file may hold.
        key: what its ``key`` names.
        key_fields: the fields that it may name; empty for any.
        targets: what its ``object`` may be; empty for any.
    """

    options: tuple[Option, ...] = ()
    key: KeyNames = "placeholders"
    key_fields: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Writes:
    """How a kind of system takes commands, readable like its other capabilities.

    Attributes:
        repeats: what a second sending of a write may do, the first being the default: ``keyed`` where the system
            knows a request by our id and does it once, ``harmless`` where it leaves the same state, ``harmful``.
        options: what ``send.options`` of a command file may hold.
        look_options: what its ``look.options`` may hold, where ``Capabilities.looks`` says nothing else.
        is_observable: whether the system can be asked what it shows now.
        looks_at_what_it_wrote: whether a command file may leave ``look`` out, since what was written is read back.
        idempotency_keys: whether our request id travels with a write as the protocol's own notion.
        look_up_by_request_id: whether a write can be found again by our request id.
        key: what ``key`` of a command file names.
        key_fields: the fields that it may name; empty for any.
        most_records: records that one write may touch, all or none of them.
        commands: names of the commands it can take; empty for any.
        targets: what ``object`` of a command file may be; empty for any.
        fields: what its ``fields`` may be called; empty for any.
        field_pattern: what the name of a field looks like (``re``); empty for any.
    """

    repeats: tuple[Repeats, ...]
    options: tuple[Option, ...] = ()
    look_options: tuple[Option, ...] = ()
    is_observable: bool = True
    looks_at_what_it_wrote: bool = False
    idempotency_keys: bool = False
    look_up_by_request_id: bool = False
    key: KeyNames = "placeholders"
    key_fields: tuple[str, ...] = ()
    most_records: int = 1
    commands: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    field_pattern: str = ""


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
        reads: whether anything can be pulled from it.
        writes: how it takes commands; None where it takes none.
        revalidates: whether it may tell that nothing has changed since a whole pull, so that a stream without a
            cursor is given its resume point too.
        hears: the field's name of what its systems send by themselves over a protocol of the network; empty for none.
        rereads: whether single records can be read again, by the ``index`` of each.
        looks: how it is asked what it shows, where it takes no commands or is not asked as it is written to.
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
    reads: bool = True
    writes: Writes | None = None
    revalidates: bool = False
    hears: str = ""
    rereads: bool = False
    looks: Looks | None = None

    @property
    def observation(self) -> Looks | None:
        """How it is asked what it shows; None where it cannot be."""
        writes = self.writes
        if self.looks is not None or writes is None or not writes.is_observable:
            return self.looks
        return Looks(writes.look_options, writes.key, writes.key_fields)


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
        revision: digest of what is made of the records; a source spares nothing that was read for another one.
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
    revision: str = ""


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


@dataclass(frozen=True, slots=True)
class Part:
    """One record of a write, in the words of its system.

    Attributes:
        target: sObject, operation, path with ``{name}`` in it, media type.
        key: what identifies the record there: placeholders of the path, the external id field with its value.
        values: what is written, JSON values by field; a point in a name goes into a nested object.
        options: as ``Writes.options`` lists them.
    """

    target: str
    key: Mapping[str, str]
    values: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a record must show: a field, its type (``rules.types``), and the value as JSON holds it."""

    field: str
    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Look:
    """How a system is asked what it shows now, and what that means.

    Attributes:
        system: the system that is asked; empty for the one that was written to.
        stream: a stream of that system: not the system is asked but what was last read or heard of the record.
        needs_news: what was read or heard before the write went out shows nothing of it.
        target: as in ``Part``.
        key: as in ``Part``.
        values: what is asked for: query parameters, elements of the request.
        options: as ``Writes.look_options`` lists them.
        expected: what the record must show for the write to count as done.
        progress_field: field of the record that tells how far the system is; empty where there is none.
        progress: its words: ``applied``, ``in_progress`` or ``refused``.
        reference_field: field of the record that holds the system's own id of what was done; empty where none does.
    """

    target: str
    key: Mapping[str, str]
    values: Mapping[str, Any]
    expected: tuple[Expected, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    progress_field: str = ""
    progress: Mapping[str, Literal["applied", "in_progress", "refused"]] = field(default_factory=dict)
    reference_field: str = ""
    system: str = ""
    stream: str = ""
    needs_news: bool = True


@dataclass(frozen=True, slots=True)
class Write:
    """A command in the words of one system, frozen when it is planned; what is sent is this and nothing else.

    Attributes:
        command: the command's name, for messages.
        request_id: what the system knows the write by; the same each time it is sent.
        repeats: what a second sending would do.
        unsure: what to do where nothing can tell whether it arrived.
        parts: the records, written all or none.
        looks: where to look, one for each record that tells; none where the system cannot be looked at.
    """

    command: str
    request_id: str
    repeats: Repeats
    parts: tuple[Part, ...]
    looks: tuple[Look, ...] = ()
    unsure: Unsure = "ask"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a system said to a write, in its own words: it did, or it will not.

    Attributes:
        is_refusal: it will not, and sending the same again would change nothing.
        reference: the system's own id of what it did; empty where it told none.
        said: its words, fit for a message.
    """

    is_refusal: bool
    reference: str = ""
    said: str = ""


class Rereader(Source, Protocol):
    """A source whose records can be read again one by one."""

    def again(self, read: StreamRead, indexes: Sequence[str]) -> list[RawRecord | None]:
        """Records as the system shows them now, by their index; None for what it does not show any more.

        Raises:
            RetryableError: the system is out of reach.
            ConfigurationError: login, address or read are wrong.
        """
        ...


class Observer(Protocol):
    """A connection to one system, opened to look at what it shows."""

    def observe(self, look: Look) -> RawRecord | None:
        """What the system shows now; None where it shows nothing.

        Raises:
            RetryableError: it cannot be looked at now.
            ConfigurationError: login, address or look are wrong.
            UnsafeToContinue: what it shows contradicts itself, as two records under one key.
        """
        ...

    def close(self) -> None:
        """Release the connection; calling it twice is harmless."""
        ...


class Sink(Observer, Protocol):
    """A connection to one system, opened for writing. Each call sends at most one request that changes anything."""

    def send(self, write: Write) -> Receipt:
        """Send a write once; its answer proves nothing yet.

        Raises:
            RetryableError: it is certain that nothing has arrived, or that it was turned away as too much.
            ConfigurationError: likewise, and a person must mend login, address or command file.
            OutcomeUnknown: it may have happened: a time-out, a cut connection, an answer that nobody understands.
        """
        ...
