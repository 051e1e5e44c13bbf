"""Read command files, hold them against the systems and our commands, and tell every fault at once."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from connectors.commands.document import NONE, CommandDocument, LookPart, SendPart
from connectors.commands.plan import CommandFile, LookPlan, PartPlan, ValuePlan
from connectors.mapping.document import FieldSource
from connectors.mapping.plan import MappedSystem
from connectors.ports import Option, Writes
from handoffs.commands import BUILT_IN, COMMANDS
from rules.expressions import check_expression
from rules.types import Schema

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MAPPED_KINDS = ("text", "integer", "boolean")
Shape = TypeVar("Shape", SendPart, LookPart)


def read_command_files(
    files: Mapping[str, str],
    faults: list[Fault],
    *,
    systems: Mapping[str, MappedSystem],
    doubtful_systems: Collection[str] = (),
) -> tuple[CommandFile, ...]:
    """Read all command files of an operator together.

    Args:
        files: content by file name, as the person knows it.
        faults: whatever is wrong is added here.
        systems: the operator's systems by name.
        doubtful_systems: systems whose blocks are wrong, so that nothing is said of what depends on them.

    Returns:
        The files that could be read; to be used only where no fault was added.
    """
    read: list[CommandFile] = []
    owners: dict[tuple[str, str], str] = {}
    for name, text in files.items():
        source = read_yaml(text, name, faults)
        document = validated(source, CommandDocument, faults) if source is not None else None
        if source is None or document is None:
            continue
        owner = owners.setdefault((document.command, document.system), name)
        if owner != name:
            faults.append(source.place("command").fault(f"{owner} says already how {document.system} takes it"))
        if document.system in doubtful_systems:
            continue
        writes = _writes(source, document, systems, faults)
        if document.command in COMMANDS and writes is not None:
            found: list[Fault] = []
            compiled = _Compiler(source, document, writes, found).compiled()
            faults.extend(dict.fromkeys(found))
            read += [] if found else [compiled]
    return tuple(read)


def _writes(
    source: YamlSource, document: CommandDocument, systems: Mapping[str, MappedSystem], faults: list[Fault]
) -> Writes | None:
    """How the system takes commands; None, with a fault, where it takes none."""
    if document.command not in COMMANDS:
        near = nearest(document.command, COMMANDS)
        faults.append(source.place("command").fault(f"there is no command {document.command}{near}"))
    system = systems.get(document.system)
    if system is None:
        near = nearest(document.system, systems)
        faults.append(source.place("system").fault(f"there is no system {document.system} in operator.yaml{near}"))
        return None
    writes = system.capabilities.writes
    if writes is None:
        faults.append(source.place("system").fault(f"{system.capabilities.kind} takes no commands"))
    elif writes.commands and document.command not in writes.commands:
        known = ", ".join(writes.commands)
        faults.append(source.place("command").fault(f"{system.capabilities.kind} takes only {known}"))
    return writes


class _Compiler:
    """Checks one command file; faults and warnings gather in it."""

    def __init__(self, source: YamlSource, document: CommandDocument, writes: Writes, faults: list[Fault]) -> None:
        self._source = source
        self._document = document
        self._writes = writes
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
        if not self._writes.is_observable:
            self._fault(self._source, "look", problem="a system of this kind cannot be looked at; none is expected")
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
        self._check_options(source, part.options, self._writes.options)
        self._check_key(source, part)
        writes = self._writes
        if writes.targets and part.object not in writes.targets:
            self._fault(source, "object", problem=f"is none of {', '.join(writes.targets)}")
        for name in part.fields:
            if writes.fields and name not in writes.fields:
                near = nearest(name, list(writes.fields))
                self._fault(source, "fields", name, problem=f"is no field that can be written{near}")
        return PartPlan(
            part.object,
            self._values(source, "key", part.key),
            self._values(source, "fields", part.fields),
            dict(part.options),
        )

    def _look(self, source: YamlSource, look: LookPart) -> LookPlan:
        self._check_options(source, look.options, self._writes.look_options)
        self._check_key(source, look)
        return LookPlan(
            look.object,
            self._values(source, "key", look.key),
            self._values(source, "fields", look.fields),
            self._values(source, "expect", look.expect),
            dict(look.options),
            look.progress.field if look.progress else "",
            dict(look.progress.values) if look.progress else {},
            look.reference or "",
        )

    def _check_options(self, source: YamlSource, given: Mapping[str, Any], known: Sequence[Option]) -> None:
        by_name = {option.name: option for option in known}
        for name in given:
            if name not in by_name:
                self._fault(source, "options", name, problem=f"is no option here{nearest(name, by_name)}")
        for name, option in by_name.items():
            if option.required and given.get(name) is None:
                self._fault(source, "options", name, problem=f"is missing: {option.meaning}")

    def _check_key(self, source: YamlSource, part: SendPart | LookPart) -> None:
        wanted = _PLACEHOLDER.findall(part.object)
        if self._writes.key_is_field:
            if len(part.key) != 1:
                self._fault(source, "key", problem="one external id field is expected, with an expression")
            return
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
