"""Read mapping files, hold them against the systems and the canonical model, and tell every fault at once."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from itertools import pairwise

from canonical_model.entities import ENTITIES
from canonical_model.errors import Fault
from canonical_model.record import Record
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import Readable, StandIns, readable
from connectors.mapping.document import MappingDocument, Reading
from connectors.mapping.hearing import event_shape, hearing_of, wrong_hearing, wrong_rereads
from connectors.mapping.plan import BUILT_IN, POSITION, MappedSystem, StreamMapping
from connectors.mapping.pull_order import wrong_references
from connectors.mapping.record_compilation import RecordCompiler
from connectors.ports import StreamRead
from rules.quality_suite import QualitySuite, read_suite
from rules.types import KINDS, Kind, Schema

_KEY_KINDS: tuple[Kind, ...] = ("text", "integer")
_CURSOR_KINDS: tuple[Kind, ...] = ("timestamp", "date", "integer")
_STAND_INS: StandIns = {
    ("stream",): "unknown",
    ("read", "object"): "unknown",
    ("read", "key"): ["?"],
    ("records", "*", "entity"): "?",
    ("records", "*", "fields"): {},
}
"""What stands in for a key that is wrong, so that the other keys of a mapping are checked all the same."""


def read_mappings(
    files: Mapping[str, str],
    faults: list[Fault],
    *,
    systems: Mapping[str, MappedSystem],
    markets: Collection[str],
    doubtful_systems: Collection[str] = (),
) -> tuple[StreamMapping, ...]:
    """Read all mapping files of an operator together.

    Args:
        files: content by file name, as the person knows it.
        faults: whatever is wrong is added here.
        systems: the operator's systems by name.
        markets: ids of the operator's markets.
        doubtful_systems: systems whose blocks are wrong, so that nothing is said of what depends on them.

    Returns:
        The mappings that could be read, in the order of the files; to be used only where no fault was added.
    """
    mappings: list[StreamMapping] = []
    owners: dict[tuple[str, str], str] = {}
    documents: list[tuple[YamlSource, MappingDocument]] = []
    for name, text in files.items():
        source = read_yaml(text, name, faults)
        read = readable(source, MappingDocument, faults, _STAND_INS) if source is not None else None
        if read is None:
            continue
        if not read.doubts("stream"):
            faults.extend(_doubled_streams(read.source, read.model, owners))
        documents.append((read.source, read.model))
        mapping = _compile(read, faults, systems, markets, doubtful_systems)
        mappings += [mapping] if mapping else []
    faults.extend(wrong_rereads(documents))
    if len(mappings) == len(files):  # else nobody knows what the others would give
        faults.extend(wrong_references(mappings, systems))
    return tuple(mappings)


def _doubled_streams(
    source: YamlSource, document: MappingDocument, owners: dict[tuple[str, str], str]
) -> Iterator[Fault]:
    for system in document.system_names:
        owner = owners.setdefault((system, document.stream), source.file)
        if owner != source.file:
            yield source.place("stream").fault(f"{owner} maps stream {document.stream} of {system} already")


def _compile(
    read: Readable[MappingDocument],
    faults: list[Fault],
    systems: Mapping[str, MappedSystem],
    markets: Collection[str],
    doubtful_systems: Collection[str],
) -> StreamMapping | None:
    source, document = read.source, read.model
    found: list[Fault] = []
    known = [systems[name] for name in document.system_names if name in systems]
    is_doubtful = any(name in doubtful_systems for name in document.system_names)
    found.extend(_wrong_systems(source, document, [*systems, *doubtful_systems]))
    for system in known if document.listens is None else ():
        found.extend(_wrong_options(source.part("read"), document.read, system))
    doubtful_fields = _doubtful_fields(read)
    found.extend(_wrong_fields(source.part("read"), document.read, doubtful_fields))
    found.extend(_wrong_webhook(source, document, known))
    if document.feed.freshness is not None and not _has_moments(document):
        found.append(
            source.place("feed", "freshness").fault("needs read.cursor of type timestamp: it is what is judged")
        )
    found.extend(wrong_hearing(source, document, known))
    has_market = is_doubtful or (bool(known) and all(system.market for system in known))
    compiler = RecordCompiler(source, document, tuple(sorted(markets)), has_market, doubtful_fields, found)
    records = [compiler.record(number) for number in range(len(document.records))]
    quality = _suites(source, document, found)
    faults.extend(fault for fault in dict.fromkeys(found) if not read.is_told(fault))
    if found or read.doubtful:
        return None
    return StreamMapping(
        file=source.file,
        systems=document.system_names,
        read=_stream_read(document),
        fields=dict(document.read.fields),
        lists={path: dict(element) for path, element in document.read.lists.items()},
        records=tuple(record for record in records if record is not None),
        quality=quality,
        ignored=document.read.ignored,
        warnings=tuple(dict.fromkeys([*compiler.warnings, *_unused(source, document, compiler.used)])),
        webhook=event_shape(document),
        feed=document.feed.suite(),
        listens=hearing_of(document),
    )


def _stream_read(document: MappingDocument) -> StreamRead:
    read = document.read
    return StreamRead(
        stream=document.stream,
        source_object=read.object,
        fields=(*read.fields, *read.lists),
        key=read.key,
        cursor_field=read.cursor,
        overlap=read.overlap,
        page_size=read.page_size,
        options=dict(read.options),
        lists={path: tuple(element) for path, element in read.lists.items()},
        revision=sha256(document.model_dump_json().encode()).hexdigest()[:16],
    )


def _doubtful_fields(read: Readable[MappingDocument]) -> set[str]:
    """Fields and lists of the source whose declaration is wrong; nothing can be said of what builds on them."""
    lists = read.names_below("read", "lists")
    elements = {name for path in read.model.read.lists for name in read.names_below("read", "lists", path)}
    return read.names_below("read", "fields") | lists | elements


def _wrong_systems(source: YamlSource, document: MappingDocument, systems: Collection[str]) -> Iterator[Fault]:
    if (document.system is None) == (not document.systems):
        yield source.place().fault("either system or systems must be given")
    for number, name in enumerate(document.system_names):
        if name not in systems:
            place = source.place("systems", number) if document.systems else source.place("system")
            yield place.fault(f"there is no system {name} in operator.yaml{nearest(name, list(systems))}")


def _wrong_options(read: YamlSource, reading: Reading, system: MappedSystem) -> Iterator[Fault]:
    can = system.capabilities
    if not can.reads:
        yield read.place("object").fault(f"{can.kind} takes commands; nothing is read from it")
    known = {option.name: option for option in can.stream_options}
    for name in reading.options:
        if name not in known:
            yield read.place("options", name).fault(f"{can.kind} has no such option{nearest(name, known)}")
    for name, option in known.items():
        if option.required and reading.options.get(name, system.stream_options.get(name)) is None:
            yield read.place("options", name).fault(f"is missing; {can.kind} needs it: {option.meaning}")
    if reading.cursor is not None and not can.incremental:
        yield read.place("cursor").fault(f"{can.kind} reads everything each time and takes no cursor")


def _has_moments(document: MappingDocument) -> bool:
    kind = document.read.fields.get(document.read.cursor) if document.read.cursor else None
    return kind is not None and kind.kind == "timestamp"


def _wrong_webhook(source: YamlSource, document: MappingDocument, systems: list[MappedSystem]) -> Iterator[Fault]:
    if document.webhook is None:
        return
    if document.read.cursor is None:
        yield source.place("webhook").fault("needs read.cursor: nothing else tells which of two events is the later")
    for system in systems:
        if not system.sends:
            yield source.place("webhook").fault(f"needs systems.{system.name}.webhook in operator.yaml")


def _wrong_fields(read: YamlSource, reading: Reading, doubtful: Collection[str]) -> Iterator[Fault]:
    yield from _wrong_names(read.part("fields"))
    for path in reading.lists:
        yield from _wrong_names(read.part("lists", path))
    for number, name in enumerate(reading.ignored):
        if name in {*reading.fields, *reading.lists}:
            yield read.place("ignored", number).fault(f"{name} is read, so it cannot be ignored")
    for number, name in enumerate(reading.key):
        place = read.place("key", number)
        if name in doubtful:
            continue
        if name not in reading.fields:
            yield place.fault(f"{name} is not among the fields{nearest(name, reading.fields)}")
        elif "." in name or reading.fields[name].nullable or reading.fields[name].kind not in _KEY_KINDS:
            yield place.fault(f"{name} must be text or integer, never missing, and no part of something nested")
    cursor = reading.cursor if reading.cursor not in doubtful else None
    if cursor is not None and cursor not in reading.fields:
        yield read.place("cursor").fault(f"{cursor} is not among the fields{nearest(cursor, reading.fields)}")
    elif cursor is not None and ("." in cursor or reading.fields[cursor].kind not in _CURSOR_KINDS):
        yield read.place("cursor").fault(
            f"{cursor} must be timestamp, date or integer, and no part of something nested"
        )


def _wrong_names(fields: YamlSource) -> Iterator[Fault]:
    if not fields.data:
        yield fields.place().fault(f"at least one field is expected, with a type ({', '.join(KINDS)})")
    for one, other in pairwise(sorted(fields.data, key=str.lower)):
        if one.lower() == other.lower():
            yield fields.place(other).fault(
                f"differs from {one} by capitals only; expressions cannot tell them apart"
            )
    for name in fields.data:
        if name.lower() in {*BUILT_IN, POSITION} or "" in name.split("."):
            yield fields.place(name).fault(
                "an empty step between points" if "" in name.split(".") else "is a column that every mapping has"
            )


def _suites(source: YamlSource, document: MappingDocument, faults: list[Fault]) -> dict[type[Record], QualitySuite]:
    if document.quality is None:
        return {}
    if not isinstance(document.quality, dict):
        faults.append(source.place("quality").fault("entities of this mapping are expected, with a list each"))
        return {}
    mapped = {part.entity: ENTITIES[part.entity] for part in document.records if part.entity in ENTITIES}
    if len(mapped) < len({part.entity for part in document.records}):
        mapped = ENTITIES  # one of them is misspelt, and nobody knows which was meant
    suites = {}
    for name in document.quality:
        entity = mapped.get(name)
        if entity is None:
            faults.append(source.place("quality", name).fault(f"this mapping gives no {name}{nearest(name, mapped)}"))
            continue
        part = source.part("quality", name)
        suite = read_suite(part, f"{document.stream}.{name}", faults, columns=list(entity.model_fields))
        suites.update({entity: suite} if suite else {})
    return suites


def _unused(source: YamlSource, document: MappingDocument, used: Mapping[str | None, set[str]]) -> Iterator[str]:
    read = document.read
    declared: list[tuple[str | None, tuple[str, ...], Schema]] = [(None, ("read", "fields"), read.fields)]
    declared += [(path, ("read", "lists", path), element) for path, element in read.lists.items()]
    needed = {*read.key, read.cursor}
    for path, steps, fields in declared:
        for name in fields:
            if name not in used.get(path, set()) and not (path is None and name in needed):
                yield str(source.place(*steps, name).fault("is read and never used"))
