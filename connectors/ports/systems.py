"""What a kind of system can do and needs, readable without opening a connection, and one system of the operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import SecretStr

from handoffs.effect_states import Repeats

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
