"""One command file, checked against its command, its system and what looks at it; every fault is told."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest
from canonical_model.yaml_validation import validated
from connectors.commands.document import NONE, CommandDocument, LookPart, SendPart
from connectors.commands.plan import CommandFile, LookPlan, PartPlan, ValuePlan
from connectors.mapping.document import FieldSource
from connectors.mapping.plan import MappedSystem
from connectors.ports import KeyNames, Looks, Option, Writes
from handoffs.commands import BUILT_IN, COMMANDS
from rules.expressions import check_expression
from rules.types import Schema

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MAPPED_KINDS = ("text", "integer", "boolean")
Shape = TypeVar("Shape", SendPart, LookPart)


@dataclass(frozen=True, slots=True)
class Known:
    """What the operator's other files say.

    Attributes:
        systems: by name.
        doubtful: systems of which nothing is said, since their blocks are wrong.
        streams: key fields by system and stream; None where nothing is said of any.
    """

    systems: Mapping[str, MappedSystem]
    doubtful: Collection[str]
    streams: Mapping[tuple[str, str], tuple[str, ...]] | None


class CommandCompiler:
    """Checks one command file; faults and warnings gather in it."""

    def __init__(
        self, source: YamlSource, document: CommandDocument, writes: Writes, known: Known, faults: list[Fault]
    ) -> None:
        self._source = source
        self._document = document
        self._writes = writes
        self._known = known
        self._faults = faults
        self._columns: Schema = {**COMMANDS[document.command], **BUILT_IN}
        self._warnings: list[str] = []

    def compiled(self) -> CommandFile:
        """The checked file; to be used only where no fault was added."""
        writes, document = self._writes, self._document
        parts = tuple(self._part(source, part) for source, part in self._each("send", SendPart))
        if len(parts) > writes.most_records:
            self._fault(self._source, "send", problem=f"at most {writes.most_records} records go in one write")
        if document.repeats is not None and document.repeats not in writes.repeats:
            known = " or ".join(writes.repeats)
            self._fault(self._source, "repeats", problem=f"a write to this kind of system is {known}")
        looks = self._looks(parts)
        if document.unsure == "drop" and looks:
            self._fault(self._source, "unsure", problem="goes with look: none, where nothing else can tell")
        return CommandFile(
            file=self._source.file,
            command=document.command,
            system=document.system,
            repeats=document.repeats or writes.repeats[0],
            unsure=document.unsure,
            parts=parts,
            looks=looks,
            warnings=tuple(dict.fromkeys(self._warnings)),
        )

    def _looks(self, parts: Sequence[PartPlan]) -> tuple[LookPlan, ...]:
        told = self._document.look
        if told == NONE or (told is None and not self._writes.is_observable):
            return ()
        if told is None and self._writes.looks_at_what_it_wrote:
            return tuple(LookPlan(part.target, part.key, (), part.fields, part.options) for part in parts)
        if told is None:
            self._fault(self._source, "look", problem="is missing: say how to see what was done, or none")
            return ()
        return tuple(self._look(source, look) for source, look in self._each("look", LookPart))

    def _each(self, key: str, shape: type[Shape]) -> Iterator[tuple[YamlSource, Shape]]:
        """What stands at a key: one of a shape, or a list of them."""
        source = self._source.part(key)
        for part in list(source.items()) if isinstance(source.data, list) else [source]:
            read = validated(part, shape, self._faults)
            if read is not None:
                yield part, read

    def _part(self, source: YamlSource, part: SendPart) -> PartPlan:
        writes = self._writes
        self._check_options(source, part.options, writes.options)
        self._check_key(source, part, writes.key, writes.key_fields)
        if writes.targets and part.object not in writes.targets:
            self._fault(source, "object", problem=f"is none of {', '.join(writes.targets)}")
        for name in part.fields:
            if writes.fields and name not in writes.fields:
                near = nearest(name, list(writes.fields))
                self._fault(source, "fields", name, problem=f"is no field that can be written{near}")
            if writes.field_pattern and not re.fullmatch(writes.field_pattern, name):
                self._fault(source, "fields", name, problem=f"is no name of a field here: {writes.field_pattern}")
        return PartPlan(
            part.object,
            self._values(source, "key", part.key),
            self._values(source, "fields", part.fields),
            dict(part.options),
        )

    def _look(self, source: YamlSource, look: LookPart) -> LookPlan:
        if look.stream is not None:
            self._check_stream(source, look, look.stream)
        elif (looks := self._observation(source, look)) is not None:
            self._check_options(source, look.options, looks.options)
            self._check_key(source, look, looks.key, looks.key_fields)
            if looks.targets and look.object not in looks.targets:
                self._fault(source, "object", problem=f"is none of {', '.join(looks.targets)}")
        return LookPlan(
            look.object or "",
            self._values(source, "key", look.key),
            self._values(source, "fields", look.fields),
            self._values(source, "expect", look.expect),
            dict(look.options),
            look.progress.field if look.progress else "",
            dict(look.progress.values) if look.progress else {},
            look.reference or "",
            look.system or "",
            look.stream or "",
            look.news,
        )

    def _observation(self, source: YamlSource, look: LookPart) -> Looks | None:
        """How the system that is looked at is asked; None where nothing can be said, or it cannot be."""
        name = look.system or self._document.system
        system = self._known.systems.get(name)
        if system is None:
            self._check_system(source, name)
            return None
        looks = system.capabilities.observation
        if looks is None and look.system is None:
            self._fault(source, problem="a system of this kind cannot be looked at; none is expected")
        elif looks is None:
            self._fault(source, "system", problem=f"{system.capabilities.kind} cannot be looked at")
        return looks

    def _check_system(self, source: YamlSource, name: str) -> None:
        if name not in self._known.doubtful:
            near = nearest(name, self._known.systems)
            self._fault(source, "system", problem=f"there is no system {name} in operator.yaml{near}")

    def _check_stream(self, source: YamlSource, look: LookPart, stream: str) -> None:
        name = look.system or self._document.system
        if name not in self._known.systems:
            self._check_system(source, name)
        elif self._known.streams is not None:
            streams = {known: key for (system, known), key in self._known.streams.items() if system == name}
            if stream not in streams:
                near = nearest(stream, streams)
                self._fault(source, "stream", problem=f"there is no stream {stream} of {name}{near}")
            elif set(look.key) != set(streams[stream]):
                wanted = ", ".join(streams[stream])
                self._fault(source, "key", problem=f"{wanted} is expected, which identifies a record of {stream}")

    def _check_options(self, source: YamlSource, given: Mapping[str, Any], known: Sequence[Option]) -> None:
        by_name = {option.name: option for option in known}
        for name in given:
            if name not in by_name:
                self._fault(source, "options", name, problem=f"is no option here{nearest(name, by_name)}")
        for name, option in by_name.items():
            if option.required and given.get(name) is None:
                self._fault(source, "options", name, problem=f"is missing: {option.meaning}")

    def _check_key(
        self, source: YamlSource, part: SendPart | LookPart, names: KeyNames, key_fields: Sequence[str]
    ) -> None:
        if names != "placeholders":
            if names == "field" and len(part.key) != 1:
                self._fault(source, "key", problem="one external id field is expected, with an expression")
            if names == "fields" and not part.key:
                self._fault(source, "key", problem="is missing: without it every record would be meant")
            for name in part.key if key_fields else ():
                if name not in key_fields:
                    near = nearest(name, list(key_fields))
                    self._fault(source, "key", name, problem=f"identifies no record here{near}")
            return
        wanted = _PLACEHOLDER.findall(part.object or "")
        for name in wanted:
            if name not in part.key:
                self._fault(source, "key", problem=f"has no {name}, which object names{nearest(name, part.key)}")
        for name in part.key:
            if name not in wanted:
                self._fault(source, "key", name, problem=f"does not stand in object as {{{name}}}")

    def _values(self, source: YamlSource, key: str, values: Mapping[str, FieldSource]) -> tuple[ValuePlan, ...]:
        plans = (self._value(source, key, name, value) for name, value in values.items())
        return tuple(plan for plan in plans if plan is not None)

    def _value(self, source: YamlSource, key: str, name: str, value: FieldSource) -> ValuePlan | None:
        steps = (key, name) if value.values is None else (key, name, "from")
        at = source.place(*steps)
        expression = check_expression(value.expression, self._columns, at=at, faults=self._faults)
        if expression is None:
            return None
        self._warnings += [str(at.fault(warning)) for warning in expression.warnings]
        if value.values is None:
            return ValuePlan(name, expression, source.place(key, name))
        if expression.type.kind not in _MAPPED_KINDS:
            self._faults.append(at.fault(f"yields {expression.type.name}; words are looked up by text"))
        for word, meant in value.values.items():
            if not isinstance(meant, str | int | bool | Decimal | date | None):
                self._fault(source, key, name, "values", word, problem="one value is expected")
        words = {word: _plain(meant) for word, meant in value.values.items()}
        return ValuePlan(
            name, expression, source.place(key, name), words, _plain(value.otherwise), value.has_otherwise
        )

    def _fault(self, source: YamlSource, *steps: str | int, problem: str) -> None:
        self._faults.append(source.place(*steps).fault(problem))


def _plain(value: Any) -> Any:
    """A value of YAML as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value
