"""A mapping file as it is written."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from rules.feed_quality import FeedSuite, FreshnessRule, VolumeRule
from rules.quality_suite import Severity
from rules.types import ColumnType, parse_type

SqlText = Annotated[str, StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
DottedOid = Annotated[str, StringConstraints(pattern=r"^1(\.(0|[1-9][0-9]{0,9})){5,60}$")]
SourceName = Annotated[str, StringConstraints(pattern=r"^[^\s\"#][^\"#\x00-\x1f]{0,199}$", strip_whitespace=True)]
"""A field of the source, nested ones with a point between: ``gps.lat``."""

_DURATION = re.compile(r"([0-9]{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _read_type(value: object) -> object:
    return parse_type(str(value))


def _read_duration(value: object) -> object:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a number with a unit is expected: 30s, 10m, 2h or 1d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


FieldType = Annotated[ColumnType, BeforeValidator(_read_type)]
Duration = Annotated[timedelta, BeforeValidator(_read_duration)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Reading(_Part):
    """What is read from the source.

    Attributes:
        object: sObject, operation, path or device profile, in the source's words.
        key: the fields that identify a record in the source.
        cursor: the field that grows with each change; without one everything is read each time.
        overlap: how far a pull reaches back behind the cursor.
        page_size: records wanted in a page.
        options: what else this kind of system needs.
        fields: type of each field that is read; a question mark where it may be missing.
        lists: nested lists by their path, with the fields of an element.
        ignored: fields that the source gives and nobody wants; they are no drift.
    """

    object: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    key: tuple[SourceName, ...] = Field(min_length=1)
    cursor: SourceName | None = None
    overlap: Duration = timedelta(minutes=10)
    page_size: Annotated[int, Field(ge=1, le=50_000)] = 2000
    options: Mapping[str, Any] = Field(default_factory=dict)
    fields: Mapping[SourceName, FieldType] = Field(min_length=1)
    lists: Mapping[SourceName, Mapping[SourceName, FieldType]] = Field(default_factory=dict)
    ignored: tuple[SourceName, ...] = ()


class FieldSource(_Part):
    """Where a canonical field comes from: an expression, or a value map over one.

    A bare expression may stand for the whole. ``otherwise`` stands for every value that is not listed, a missing one
    included; without it an unlisted value rejects the record.
    """

    expression: SqlText = Field(alias="from")
    values: Mapping[str, Any] | None = None
    otherwise: Any = None

    @model_validator(mode="before")
    @classmethod
    def _read_bare_expression(cls, written: object) -> object:
        return written if isinstance(written, Mapping) else {"from": _as_sql(written)}

    @model_validator(mode="after")
    def _otherwise_goes_with_values(self) -> Self:
        if self.values is None and self.has_otherwise:
            raise ValueError("otherwise goes with values")
        if self.values is not None and not self.values:
            raise ValueError("values lists nothing")
        return self

    @property
    def has_otherwise(self) -> bool:
        """Whether values that are not listed are provided for."""
        return "otherwise" in self.model_fields_set


class RecordPart(_Part):
    """One kind of canonical record that a raw record gives.

    Attributes:
        entity: the canonical entity.
        rows: path of the nested list of which each element gives a record.
        id: what identifies the record; default: the raw record's key, with the element's number where there are rows.
        market: default: the mapping's.
        where: which raw records give one.
        fields: canonical field -> where it comes from.
    """

    entity: str
    rows: str | None = None
    id: SqlText | None = None
    market: FieldSource | None = None
    where: SqlText | None = None
    fields: Mapping[str, FieldSource]


class Webhook(_Part):
    """Where things stand in what the system sends by itself; a path has points between its steps.

    Attributes:
        events: path of the list of events in the body; without it the body is one event, or a list of them.
        event_id: path of the id in an event; without it a signed header gives the id, or the content is its own.
        record: path of the record in an event, which has the fields of ``read``; without it the event is the record.
    """

    events: SourceName | None = None
    event_id: SourceName | None = None
    record: SourceName | None = None


class VolumePart(_Part):
    """How much a stream brings, against its own days before.

    Attributes:
        days: how many days before are its usual; from 21 on, those of the same weekday alone, once there are three.
        least_percent: of the usual day; less is told.
        most_percent: likewise, more is told; None for any.
        severity: a critical one stops the stream, a warning is only told.
    """

    days: Annotated[int, Field(ge=3, le=92)] = 28
    least_percent: Annotated[int, Field(ge=0, le=100)] = 0
    most_percent: Annotated[int, Field(gt=100, le=100_000)] | None = None
    severity: Severity = "warning"


class FreshnessPart(_Part):
    """How old a stream's newest change may be.

    Attributes:
        within: the age; what the cursor shows counts, not when it was read.
        severity: a critical one stops the stream, a warning is only told.
    """

    within: Duration
    severity: Severity = "warning"


class FeedPart(_Part):
    """What a stream as a whole must live up to, judged at the end of each pull.

    Attributes:
        volume: how much it brings.
        freshness: how old its newest change may be.
    """

    volume: VolumePart | None = None
    freshness: FreshnessPart | None = None

    def suite(self) -> FeedSuite:
        """The rules as they are judged."""
        return FeedSuite(
            VolumeRule(**self.volume.model_dump()) if self.volume else None,
            FreshnessRule(**self.freshness.model_dump()) if self.freshness else None,
        )


class Listening(_Part):
    """What the system sends by itself over the network's own protocols, and is never asked for.

    Attributes:
        kinds: SNMP alone: OIDs of the notifications that are taken, or of what they stand under; empty for all.
        fields: SNMP alone: names for the values of a notification, by the OID of their object; an instance behind it
            belongs to it. Attributes of RADIUS have names of their own.
        profile: SNMP alone: whether the device profile of the system says which notifications are taken, and where
            they hold ``event``, ``serial``, ``index``, ``port`` and ``occurred_at``.
        rereads: SNMP alone: a stream of the same systems that is pulled; the record of a device that a notification
            speaks of is read again there, and tells what the notification does not.
    """

    kinds: tuple[DottedOid, ...] = ()
    fields: Mapping[SourceName, DottedOid] = Field(default_factory=dict)
    profile: bool = False
    rereads: Name | None = None


class MappingDocument(_Part):
    """A whole mapping file.

    Attributes:
        system: the system of operator.yaml it is read from; or ``systems``, where several are read alike.
        stream: what the records are called in messages, quarantine and freshness.
        market: default of every record; without it the market of the system's block.
        webhook: where the system sends changes by itself, beside being read.
        listens: in the place of being read: traps of SNMP, accounting of RADIUS.
        quality: the checks that a page must pass before it is stored, by entity.
        feed: what the stream as a whole must live up to.
    """

    system: Name | None = None
    systems: tuple[Name, ...] = ()
    stream: Name
    market: FieldSource | None = None
    read: Reading
    webhook: Webhook | None = None
    listens: Listening | None = None
    records: tuple[RecordPart, ...] = Field(min_length=1)
    quality: Any = None
    feed: FeedPart = FeedPart()

    @property
    def system_names(self) -> tuple[str, ...]:
        """The systems it is for."""
        return self.systems or ((self.system,) if self.system else ())


def _as_sql(written: object) -> object:
    """A value of YAML as the SQL that says the same; text is SQL already."""
    if isinstance(written, bool):
        return str(written).upper()
    if isinstance(written, int | Decimal):
        return f"{written:f}" if isinstance(written, Decimal) else str(written)
    if isinstance(written, date):
        return f"DATE '{written.isoformat()}'"
    if isinstance(written, str):
        return written
    raise ValueError("an SQL expression is expected, or from and values")
