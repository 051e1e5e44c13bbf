"""What is written to a system, one write at a time, and how it is asked what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from connectors.ports.reading import RawRecord
from handoffs.effect_states import Repeats, Unsure


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
        at: when it is sent; None until then.
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


@runtime_checkable
class ObserverOfMany(Observer, Protocol):
    """A connection that looks at several records with one request."""

    def observe_all(self, looks: Sequence[Look]) -> list[RawRecord | None]:
        """What the system shows now of each; None where it shows nothing.

        Args:
            looks: at most as many as a write may have.

        Raises:
            RetryableError, ConfigurationError, UnsafeToContinue: as ``observe``, of any of them.
        """
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
