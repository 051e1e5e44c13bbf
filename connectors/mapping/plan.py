"""A mapping that has been checked: what is read, and which expression gives which canonical field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from canonical_model.record import Record
from connectors.ports import Capabilities, StreamRead
from connectors.webhooks.events import EventShape
from rules.expressions import Expression
from rules.feed_quality import FeedSuite
from rules.quality_suite import QualitySuite
from rules.types import ColumnType, EngineValue, Schema

POSITION = "element_number"
"""Column beside the fields of a nested list: which element it is, from 1."""

BUILT_IN: Schema = {
    "system_name": ColumnType("text"),
    "system_market": ColumnType("text", nullable=True),
    "pulled_at": ColumnType("timestamp"),
}
"""Columns that every expression may use beside the fields of the source."""


@dataclass(frozen=True, slots=True)
class MappedSystem:
    """A system that mappings may name.

    Attributes:
        name: its name in operator.yaml.
        capabilities: those of its kind.
        market: the market it serves alone; None where it serves several.
        stream_options: what its block says for mappings that say nothing else.
        sends: whether its block says how it signs what it sends by itself.
        is_heard: whether its block says from where its notifications come.
    """

    name: str
    capabilities: Capabilities
    market: str | None = None
    stream_options: Mapping[str, Any] = field(default_factory=dict)
    sends: bool = False
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class ValueMap:
    """Words of a source and what they mean.

    Attributes:
        values: engine value by the source's word.
        otherwise: what every other value means, a missing one included; only where ``is_open``.
        is_open: whether there is an ``otherwise``.
    """

    values: Mapping[str, EngineValue]
    otherwise: EngineValue = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """Where one canonical field comes from.

    Attributes:
        name: the canonical field, or ``id``, ``market``.
        type: what the field holds.
        expression: reads the source; without a value map it gives the field itself.
        value_map: turns what was read into the field.
        words: the only values allowed; empty for any.
    """

    name: str
    type: ColumnType
    expression: Expression
    value_map: ValueMap | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """How one raw record, or one element of its nested list, becomes a canonical record.

    Attributes:
        entity: the canonical entity.
        rows: path of the nested list; None for the raw record itself.
        fields: the entity's fields, ``market`` among them; ``id`` where it is not the key.
        where: which raw records give one; None for all.
        own_columns: columns that mean a field of the raw record, with its path; others mean one of the element.
    """

    entity: type[Record]
    rows: str | None
    fields: tuple[FieldPlan, ...]
    where: Expression | None = None
    own_columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a stream takes of what its system sends by itself.

    Attributes:
        kinds: OIDs of notifications, or of what they stand under; empty for all.
        names: names of values by the OID of their object.
        by_profile: whether the device profile of the system says what is taken, and what it means.
        rereads: the stream in which the record of a device is read again; empty for none.
    """

    kinds: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    by_profile: bool = False
    rereads: str = ""


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """A checked mapping.

    Attributes:
        file: where it is written.
        systems: names of the systems it is read from.
        read: what a connector is asked for.
        fields: fields of the source with their types.
        lists: fields of an element by the path of the nested list.
        ignored: fields of the source that are known and not read.
        records: what becomes of a raw record.
        quality: the suite of each entity that has one.
        warnings: what is allowed and probably not meant, with file and line.
        webhook: where things stand in events that the system sends; None where it sends none.
        feed: what the stream as a whole must live up to.
        listens: what is taken of what the system sends by itself; None for a stream that is pulled.
    """

    file: str
    systems: tuple[str, ...]
    read: StreamRead
    fields: Schema
    lists: Mapping[str, Schema]
    records: tuple[RecordPlan, ...]
    quality: Mapping[type[Record], QualitySuite]
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    webhook: EventShape | None = None
    feed: FeedSuite = field(default_factory=FeedSuite)
    listens: Hearing | None = None

    @property
    def stream(self) -> str:
        """The stream's name."""
        return self.read.stream


def columns_of(fields: Schema, element: Schema | None = None) -> dict[str, ColumnType]:
    """The columns an expression may use: fields of the source, and those that every mapping has."""
    own = {column: fields[name] for column, name in own_columns(fields, element).items()}
    if element is None:
        return {**own, **BUILT_IN}
    return {**own, **element, POSITION: ColumnType("integer"), **BUILT_IN}


def own_columns(fields: Schema, element: Schema | None) -> dict[str, str]:
    """Column -> field of the raw record.

    A field of an element hides its parent's field of the same name, which is then called ``parent.NAME``.
    """
    hidden = {name.lower() for name in element or ()}
    return {f"parent.{name}" if name.lower() in hidden else name: name for name in fields}
