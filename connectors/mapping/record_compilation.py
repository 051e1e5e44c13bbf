"""The records of a mapping, checked against the canonical entity and the columns of the source."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from canonical_model.entities import ENTITIES
from canonical_model.errors import Fault
from canonical_model.record import Record
from canonical_model.yaml_source import Place, YamlSource, nearest
from connectors.mapping.document import FieldSource, MappingDocument, RecordPart
from connectors.mapping.plan import BUILT_IN, FieldPlan, RecordPlan, ValueMap, columns_of, own_columns
from connectors.mapping.targets import MONEY_SCALES, SET_BY_THE_ENGINE, TargetField, target_fields
from rules.expressions import Expression, check_expression
from rules.expressions.terms import ConstantTerm
from rules.types import ColumnType, EngineValue, Schema, engine_value

_MAPPED_KINDS = ("text", "integer", "boolean")
Step = str | int


class RecordCompiler:
    """Checks the records of one mapping; faults, warnings and the columns that were used gather in it."""

    def __init__(
        self,
        source: YamlSource,
        document: MappingDocument,
        markets: tuple[str, ...],
        has_system_market: bool,
        doubtful: set[str],
        faults: list[Fault],
    ) -> None:
        self.warnings: list[str] = []
        self.used: dict[str | None, set[str]] = {}
        self._source = source
        self._document = document
        self._markets = markets
        self._has_system_market = has_system_market
        self._doubtful = {name.lower() for name in doubtful}
        self._faults = faults

    def record(self, number: int) -> RecordPlan | None:
        """One record of the mapping; None where its entity or its list does not exist."""
        part = self._document.records[number]
        source = self._source.part("records", number)
        entity = ENTITIES.get(part.entity)
        lists = self._document.read.lists
        if entity is None:
            near = nearest(part.entity, ENTITIES)
            self._faults.append(source.place("entity").fault(f"there is no entity {part.entity}{near}"))
        if part.rows is not None and part.rows.lower() in self._doubtful:
            return None
        if part.rows is not None and part.rows not in lists:
            near = nearest(part.rows, lists)
            self._faults.append(source.place("rows").fault(f"{part.rows} is not among read.lists{near}"))
        if entity is None or (part.rows is not None and part.rows not in lists):
            return None
        element = lists[part.rows] if part.rows is not None else None
        own = own_columns(self._document.read.fields, element)
        if len(own) < len(self._document.read.fields):
            problem = "a field of the element and one of the raw record would both be called parent.NAME; ignore one"
            self._faults.append(source.place("rows").fault(problem))
        columns = columns_of(self._document.read.fields, element)
        columns["system_market"] = columns["system_market"].or_missing(not self._has_system_market)
        body = _Body(self, source, columns)
        plan = RecordPlan(
            entity=entity,
            rows=part.rows,
            fields=tuple(
                field for field in (*self._identity(body, part), *self._fields(body, part, entity)) if field
            ),
            where=body.expression(part.where, ColumnType("boolean"), "where"),
            own_columns=own,
        )
        self._note_use(part.rows, own, body.used)
        return plan

    def _identity(self, body: "_Body", part: RecordPart) -> Iterator[FieldPlan | None]:
        if part.id is not None:
            yield body.field(FieldSource.model_validate(part.id), TargetField("id", "text", False, True), "id")
        target = TargetField("market", "text", False, True, self._markets)
        if part.market is not None:
            yield body.field(part.market, target, "market")
        elif self._document.market is not None:
            outer = _Body(self, self._source, body.columns, body.used)
            yield outer.field(self._document.market, target, "market")
        elif self._has_system_market:
            yield body.field(FieldSource.model_validate("system_market"), target)
        else:
            problem = "is missing: the system's block names no market, so the mapping must tell each record's"
            self._faults.append(self._source.place("market").fault(problem))

    def _fields(self, body: "_Body", part: RecordPart, entity: type[Record]) -> Iterator[FieldPlan | None]:
        targets = target_fields(entity)
        for name, source in part.fields.items():
            if name in targets:
                yield body.field(source, targets[name], "fields", name)
            else:
                self._faults.append(body.source.place("fields", name).fault(_unknown_field(name, entity, targets)))
        for name, target in targets.items():
            if target.required and name not in part.fields:
                self._faults.append(
                    body.source.place("fields", name).fault(f"is missing; {part.entity} needs it ({target.kind})")
                )

    def check(
        self, text: str, columns: Schema, expect: ColumnType | None, at: Place, used: set[str]
    ) -> Expression | None:
        """An expression over the columns of a record; one that builds on a doubtful field is left alone."""
        if any(re.search(rf"\b{re.escape(name)}\b", text.lower()) for name in self._doubtful):
            return None
        kind = expect.kind if expect is not None else None
        expression = check_expression(text, columns, at=at, faults=self._faults, expect=kind)
        if expression is not None:
            self.warnings.extend(str(at.fault(warning)) for warning in expression.warnings)
            used |= expression.columns
        return expression

    def fault(self, at: Place, problem: str) -> None:
        """Something is wrong at a place."""
        self._faults.append(at.fault(problem))

    def _note_use(self, rows: str | None, own: Mapping[str, str], used: set[str]) -> None:
        for name in used - BUILT_IN.keys():
            self.used.setdefault(None if name in own else rows, set()).add(own.get(name, name))


class _Body:
    """Expressions of one record, with the columns they may use."""

    def __init__(
        self, compiler: RecordCompiler, source: YamlSource, columns: Schema, used: set[str] | None = None
    ) -> None:
        self.source = source
        self.columns = columns
        self.used: set[str] = set() if used is None else used
        self._compiler = compiler

    def expression(self, text: str | None, expect: ColumnType | None, *steps: Step) -> Expression | None:
        """An expression that stands at a key, where there is one."""
        if text is None:
            return None
        return self._compiler.check(text, self.columns, expect, self.source.place(*steps), self.used)

    def field(self, source: FieldSource, target: TargetField, *steps: Step) -> FieldPlan | None:
        """A field with its expression and its value map; None where something is wrong with it."""
        if source.values is not None:
            return self._mapped_field(source, source.values, target, steps)
        expression = self.expression(source.expression, ColumnType(target.kind), *steps)
        if expression is None:
            return None
        at = self.source.place(*steps)
        constant = expression.term.value if isinstance(expression.term, ConstantTerm) else None
        if target.words and isinstance(constant, str) and constant not in target.words:
            self._compiler.fault(at, _unknown_word(constant, target.words))
        if target.kind == "money" and expression.type.scale not in MONEY_SCALES:
            scales = " or ".join(str(scale) for scale in sorted(MONEY_SCALES))
            self._compiler.fault(at, f"yields {expression.type.name}; amounts are kept at {scales} decimals")
        if expression.type.nullable and not target.nullable:
            self._compiler.warnings.append(str(at.fault("may be missing; records in which it is are rejected")))
        return FieldPlan(target.name, expression.type.or_missing(target.nullable), expression, None, target.words)

    def _mapped_field(
        self, source: FieldSource, values: Mapping[str, Any], target: TargetField, steps: Sequence[Step]
    ) -> FieldPlan | None:
        expression = self.expression(source.expression, None, *steps, "from")
        if expression is not None and expression.type.kind not in _MAPPED_KINDS:
            self._compiler.fault(
                self.source.place(*steps, "from"),
                f"yields {expression.type.name}; values are looked up by text, integer or boolean",
            )
        wanted = ColumnType(target.kind, 2 if target.kind == "money" else 0, target.nullable)
        known = {word: self._meaning(value, wanted, target, *steps, "values", word) for word, value in values.items()}
        otherwise = None
        if source.has_otherwise:
            otherwise = self._meaning(source.otherwise, wanted, target, *steps, "otherwise")
        if expression is None:
            return None
        value_map = ValueMap(known, otherwise, source.has_otherwise)
        return FieldPlan(target.name, wanted, expression, value_map, target.words)

    def _meaning(self, value: object, wanted: ColumnType, target: TargetField, *steps: Step) -> EngineValue:
        at = self.source.place(*steps)
        try:
            meaning = engine_value(value, wanted)
        except ValueError as error:
            self._compiler.fault(at, str(error))
            return None
        if target.words and isinstance(meaning, str) and meaning not in target.words:
            self._compiler.fault(at, _unknown_word(meaning, target.words))
        return meaning


def _unknown_field(name: str, entity: type[Record], targets: Mapping[str, TargetField]) -> str:
    if name == "market":
        return "market stands beside fields, or once for the whole mapping"
    if name in SET_BY_THE_ENGINE:
        return "is set by the engine; the record's id stands beside fields"
    return f"{entity.__name__} has no such field{nearest(name, targets)}"


def _unknown_word(word: str, words: Sequence[str]) -> str:
    near = nearest(word, list(words)) or f"; known: {', '.join(words)}"
    return f"{word!r} is not allowed here{near}"
