"""What a mapping says of streams that are heard: traps of SNMP, accounting of RADIUS."""

from collections.abc import Iterator, Sequence

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from connectors.mapping.document import MappingDocument
from connectors.mapping.plan import Hearing, MappedSystem
from connectors.webhooks.events import EventShape


def event_shape(document: MappingDocument) -> EventShape | None:
    """Where things stand in events: what is heard is written down by ourselves, and is its record."""
    if document.webhook is not None:
        return EventShape(**document.webhook.model_dump())
    return EventShape(record="record") if document.listens is not None else None


def hearing_of(document: MappingDocument) -> Hearing | None:
    """What is taken; None for a stream that is pulled."""
    listens = document.listens
    if listens is None:
        return None
    names = {oid: name for name, oid in listens.fields.items()}
    return Hearing(listens.kinds, names, listens.profile, listens.rereads or "")


def wrong_hearing(source: YamlSource, document: MappingDocument, systems: list[MappedSystem]) -> Iterator[Fault]:
    """What is wrong with ``listens`` of a mapping, as far as it can be seen in it alone."""
    listens = document.listens
    if listens is None:
        return
    place = source.place("listens")
    if document.webhook is not None:
        yield place.fault("goes with no webhook: a stream is heard in one way")
    if document.read.cursor is None:
        yield place.fault("needs read.cursor: nothing else tells which of two events is the later")
    if listens.profile and listens.kinds:
        yield source.place("listens", "kinds").fault("goes with no profile: one of the two says what is taken")
    if listens.rereads and not listens.profile:
        yield source.place("listens", "rereads").fault(
            "needs profile: true, which says where a notification tells whose"
        )
    for system in systems:
        can = system.capabilities
        if not can.hears:
            yield place.fault(f"{can.kind} is not listened to")
        elif not system.is_heard:
            yield place.fault(f"needs systems.{system.name}.listens in operator.yaml")
        elif listens.profile and not can.rereads:
            yield source.place("listens", "profile").fault(f"{can.kind} has no device profiles")


def wrong_rereads(documents: Sequence[tuple[YamlSource, MappingDocument]]) -> Iterator[Fault]:
    """Streams that shall be read again, and are not read at all."""
    pulled = {(name, one.stream) for _, one in documents if one.listens is None for name in one.system_names}
    for source, document in documents:
        wanted = document.listens.rereads if document.listens else None
        for name in document.system_names if wanted else ():
            if (name, wanted) not in pulled:
                known = [stream for system, stream in sorted(pulled) if system == name]
                yield source.place("listens", "rereads").fault(
                    f"there is no stream {wanted} that is read from {name}{nearest(wanted or '', known)}"
                )
