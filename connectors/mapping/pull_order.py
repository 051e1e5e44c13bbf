"""In which order streams are pulled, so that what a record refers to is known before the record comes."""

from collections.abc import Iterator, Mapping, Sequence

from canonical_model.entities import ENTITIES
from canonical_model.errors import Fault
from canonical_model.record import Record
from canonical_model.yaml_source import nearest
from connectors.mapping.plan import StreamMapping
from connectors.mapping.targets import SET_BY_THE_ENGINE, target_fields
from rules.quality_suite import Expectation
from rules.references import Target
from rules.types import Kind

StreamName = tuple[str, str]
"""System and stream."""

_KEY_KINDS: tuple[Kind, ...] = ("text", "integer", "date")


def references_of(mapping: StreamMapping) -> Iterator[tuple[type[Record], Expectation, Target]]:
    """Every reference that a mapping states, with the entity whose key it is."""
    for entity, suite in mapping.quality.items():
        for expectation in suite.references:
            if expectation.target is not None:
                yield entity, expectation, expectation.target


def pull_order(mappings: Sequence[StreamMapping], streams: Sequence[StreamName]) -> tuple[StreamName, ...]:
    """Streams in the order in which they are pulled: as given, but each behind those of them that it refers to.

    Streams that go in a circle, which ``wrong_references`` tells, stand at the end.
    """
    left, needs = dict.fromkeys(streams), _needs(mappings)
    ordered: list[StreamName] = []
    while ready := next((one for one in left if not needs.get(one, {}).keys() & left.keys()), None):
        ordered.append(ready)
        del left[ready]
    return (*ordered, *left)


def wrong_references(mappings: Sequence[StreamMapping], systems: Mapping[str, object]) -> Iterator[Fault]:
    """What is wrong with references, once all mappings of an operator are read."""
    for mapping in mappings:
        for entity, expectation, target in references_of(mapping):
            yield from _wrong_target(mappings, entity, expectation, target, systems)
    yield from _circles(_needs(mappings))


def _needs(mappings: Sequence[StreamMapping]) -> dict[StreamName, dict[StreamName, Expectation]]:
    """For each stream that is pulled: those that must come before it, and why.

    What a stream of the same mapping gives counts too, but cannot be waited for by both.
    """
    pulled = [mapping for mapping in mappings if mapping.listens is None]
    return {
        (system, mapping.stream): {
            (other, giving.stream): expectation
            for _, expectation, target in references_of(mapping)
            for giving in pulled
            if giving is not mapping and _gives(giving, target)
            for other in giving.systems
            if target.is_given_by(other, giving.stream)
        }
        for mapping in pulled
        for system in mapping.systems
    }


def _gives(mapping: StreamMapping, target: Target) -> bool:
    return any(plan.entity.__name__ == target.entity for plan in mapping.records)


def _wrong_target(
    mappings: Sequence[StreamMapping],
    entity: type[Record],
    expectation: Expectation,
    target: Target,
    systems: Mapping[str, object],
) -> Iterator[Fault]:
    place = expectation.place
    unknown = [system for system in target.systems if system not in systems]
    for system in unknown:
        yield place.fault(f"there is no system {system} in operator.yaml{nearest(system, list(systems))}")
    for column, field in zip(expectation.columns, target.fields, strict=True):
        own, other = _kind(entity, column), _kind(ENTITIES[target.entity], field)
        if own != other or own not in _KEY_KINDS:
            yield place.fault(
                f"{entity.__name__}.{column} is {own} and {target.entity}.{field} is {other}:"
                f" two of one kind are expected, {', '.join(_KEY_KINDS)}"
            )
    given = [mapping for mapping in mappings if _gives(mapping, target)]
    if not unknown and not any(target.is_given_by(name, one.stream) for one in given for name in one.systems):
        known = sorted({f"{name}.{one.stream}" for one in given for name in one.systems})
        told = f"; given by {', '.join(known)}" if known else ""
        yield place.fault(f"no mapping gives a {target.named}: nothing would ever be known{told}")


def _kind(entity: type[Record], field: str) -> Kind:
    return "text" if field in SET_BY_THE_ENGINE else target_fields(entity)[field].kind


def _circles(needs: Mapping[StreamName, Mapping[StreamName, Expectation]]) -> Iterator[Fault]:
    """One fault for each circle, at the reference of its first stream."""
    told: set[frozenset[StreamName]] = set()
    for start in needs:
        circle = _way_back(needs, start)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            first = needs[start][circle[1] if len(circle) > 1 else start]
            way = [
                f"{'.'.join(stream)} needs {'.'.join(behind)} ({needs[stream][behind].place.file}:"
                f"{needs[stream][behind].place.line})"
                for stream, behind in zip(circle, (*circle[1:], start), strict=True)
            ]
            yield first.place.fault(
                f"references go in a circle, so that no stream can be pulled first: {', '.join(way)};"
                " leave one of them out, or narrow it by among.systems or among.stream"
            )


def _way_back(needs: Mapping[StreamName, Mapping[StreamName, Expectation]], start: StreamName) -> list[StreamName]:
    """The shortest way from a stream over what it needs back to it; empty where there is none."""
    ways: list[list[StreamName]] = [[start]]
    seen = {start}
    for way in ways:
        for needed in needs[way[-1]]:
            if needed == start:
                return way
            if needed not in seen:
                seen.add(needed)
                ways.append([*way, needed])
    return []
