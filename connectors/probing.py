"""What a system tells of itself before anything is mapped: its objects, their fields, and a few records.

A kind of system that can be asked gives an ``open_probe`` beside its ``open_source``. Nothing is written anywhere.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from connectors.ports import RawRecord, Source, StreamRead
from rules.types import ColumnType


@dataclass(frozen=True, slots=True)
class FoundObject:
    """Something that can be read: a table, an sObject, an operation, a path, a pattern of files.

    Attributes:
        name: what ``read.object`` of a mapping may be.
        label: what people call it, or where it comes from; empty where nobody says.
        rows: how many records it holds; None where that is not told at once.
    """

    name: str
    label: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class FoundField:
    """One field.

    Attributes:
        name: in the source's words.
        type: what it holds; None where the system does not say, and only its values can tell.
        label: what people call it.
        words: the only values it takes; empty where it takes any or nobody says.
        is_reference: it holds the inner key of another record, which people outside the system do not know.
        english: its name in English, where it is in another language.
    """

    name: str
    type: ColumnType | None = None
    label: str = ""
    words: tuple[str, ...] = ()
    is_reference: bool = False
    english: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of one object.

    Attributes:
        object: as ``FoundObject.name``.
        fields: of a record, in the source's order.
        key: the fields that identify a record, as far as the system says.
        cursor: the field that grows with each change; None where none is known.
        lists: fields of an element by the path of each nested list.
        options: what ``read.options`` of a mapping needs.
        samples: a few records as the source spelled them.
        notes: what a person should know.
    """

    object: str
    fields: tuple[FoundField, ...]
    key: tuple[str, ...] = ()
    cursor: str | None = None
    lists: Mapping[str, tuple[FoundField, ...]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    samples: Sequence[RawRecord] = ()
    notes: tuple[str, ...] = ()


class Probe(Protocol):
    """A connection to one system, opened for looking around."""

    def objects(self) -> Sequence[FoundObject]:
        """What can be read, in the source's order; empty where the system has no list of it.

        Raises:
            ConfigurationError, RetryableError, UnsafeToContinue: as ``Source.pages``.
        """
        ...

    def describe(self, name: str, limit: int) -> Description:
        """One object, with so many of its records at most.

        Raises:
            ConfigurationError: there is no such object; names the nearest. Otherwise as ``Source.pages``.
            RetryableError, UnsafeToContinue: as ``Source.pages``.
        """
        ...

    def close(self) -> None:
        """Release the connection; calling it twice is harmless."""
        ...


def list_in_list(path: str) -> str:
    """What a person should know of a list inside the elements of another one."""
    return (
        f"{path} is a list inside a list, which no mapping reads: ask for it as an object of its own, if it has one."
    )


def sampled(source: Source, found: Description, limit: int) -> Description:
    """The description with the first records that its source gives; nothing is remembered of them.

    Raises:
        ConfigurationError, RetryableError, UnsafeToContinue: as ``Source.pages``.
    """
    names = [one.name for one in found.fields]
    read = StreamRead(
        stream=found.object,
        source_object=found.object,
        fields=[*names, *(path for path in found.lists if path not in names)],
        key=found.key or names[:1],
        page_size=limit,
        options=found.options,
        lists={path: [one.name for one in fields] for path, fields in found.lists.items()},
    )
    with closing(source):
        page = next(iter(source.pages(read, None)), None)
    return replace(found, samples=page.records[:limit] if page else ())
