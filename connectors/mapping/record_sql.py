"""SQL that turns typed rows of a source into the fields of canonical records."""

from collections.abc import Iterable, Sequence
from datetime import date

from canonical_model.money import MINOR_DIGITS
from connectors.mapping.conversion import MISSING, UNREADABLE
from connectors.mapping.plan import POSITION, FieldPlan, MappedSystem, RecordPlan, StreamMapping
from connectors.mapping.session import literal, quoted
from rules.expressions import render_attempt
from rules.types import ColumnType, EngineValue, duckdb_type

UNLISTED = "unlisted "
WRONG_SCALE = "scale "
LEADING = ("#row", "#place", "#faults")
"""Columns before the fields of the record: raw record, place in its table, what is wrong."""

_KEPT = quoted("#where")


def record_select(
    mapping: StreamMapping, plan: RecordPlan, system: MappedSystem, tables: dict[str | None, str]
) -> str:
    """SQL for one kind of record; its parameter ``pulled_at`` is the moment of the pull.

    Args:
        mapping: whose record it is.
        plan: the record.
        system: where the page comes from.
        tables: typed table of the raw records (None) and of each nested list, by its path.

    Returns:
        A query for the columns of `LEADING` and `column_names`. ``#faults`` is NULL, or a list with one entry a
        field (and one for ``where``, where there is one, at its end) that says what is wrong.
    """
    attempts = [f"{render_attempt(field.expression)} AS {_read(number)}" for number, field in enumerate(plan.fields)]
    attempts += [f"{render_attempt(plan.where)} AS {_KEPT}"] if plan.where is not None else []
    faults = [_fault(number, field, plan.fields) for number, field in enumerate(plan.fields)]
    no_answer = f"{_KEPT} IS NULL"
    faults += [(no_answer, f"CASE WHEN {no_answer} THEN {literal(UNREADABLE)} END")] if plan.where else []
    is_faulty = " OR ".join(condition for condition, _ in faults)
    told = ", ".join(code for _, code in faults)
    values = [f"{_value(number, field)} AS {quoted(field.name)}" for number, field in enumerate(plan.fields)]
    values += [] if any(field.name == "id" for field in plan.fields) else ['"#id" AS id']
    kept = f"WHERE {no_answer} OR {_KEPT}.value" if plan.where is not None else ""
    source_object = mapping.read.source_object + (f"/{plan.rows}" if plan.rows is not None else "")
    constants = f"{literal(system.name)} AS source_system, {literal(source_object)} AS source_object"
    return (
        f'SELECT "#row", "#place", CASE WHEN {is_faulty} THEN [{told}] END AS "#faults", '  # noqa: S608
        f'{", ".join(values)}, {constants} FROM (SELECT "#row", "#place", "#id", {", ".join(attempts)} '
        f"FROM ({_source(mapping, plan, system, tables)})) {kept}"
    )


def column_names(plan: RecordPlan) -> tuple[str, ...]:
    """Fields of the canonical record in the order of the query, behind `LEADING`."""
    names = [field.name for field in plan.fields]
    names += [] if "id" in names else ["id"]
    return (*("source_id" if name == "id" else name for name in names), "source_system", "source_object")


def _source(mapping: StreamMapping, plan: RecordPlan, system: MappedSystem, tables: dict[str | None, str]) -> str:
    """The columns that the expressions of a record may use, of the rows that have no fault."""
    market = literal(system.market) if system.market is not None else "CAST(NULL AS VARCHAR)"
    moment = "CAST($pulled_at AS TIMESTAMPTZ) AS pulled_at"
    built_in = f"{literal(system.name)} AS system_name, {market} AS system_market, {moment}"
    own = ", ".join(f"parent.{quoted(name)} AS {quoted(column)}" for column, name in plan.own_columns.items())
    if plan.rows is None:
        leading = '"#row", "#place", "#landed" AS "#id"'
        return f'SELECT {leading}, {own}, {built_in} FROM {tables[None]} parent WHERE "#faults" IS NULL'  # noqa: S608
    others = ", ".join(f"element.{quoted(name)}" for name in mapping.lists[plan.rows])
    leading = 'element."#row", element."#place", element."#landed" || \'#\' || element."#number" AS "#id"'
    return (
        f'SELECT {leading}, element."#number" AS {POSITION}, {others}, {own}, {built_in} '  # noqa: S608
        f'FROM {tables[plan.rows]} element JOIN {tables[None]} parent ON element."#row" = parent."#row" '
        'WHERE element."#faults" IS NULL AND parent."#faults" IS NULL ORDER BY element."#place"'
    )


def _read(number: int) -> str:
    """What the expression of a field yielded: a struct, or NULL where it failed."""
    return quoted(f"#f{number}")


def _value(number: int, field: FieldPlan) -> str:
    read = f"{_read(number)}.value"
    if field.value_map is None:
        return read
    meant = _constant(field.value_map.otherwise, field.type)
    branches = " ".join(
        f"WHEN {literal(word)} THEN {_constant(value, field.type)}" for word, value in field.value_map.values.items()
    )
    return f"CASE CAST({read} AS VARCHAR) {branches} ELSE {meant} END"


def _fault(number: int, field: FieldPlan, fields: Sequence[FieldPlan]) -> tuple[str, str]:
    """Condition of a faulty field, and the code of its fault."""
    read, value = f"CAST({_read(number)}.value AS VARCHAR)", _value(number, field)
    checks = [(f"{_read(number)} IS NULL", literal(UNREADABLE))]
    if field.value_map is not None and not field.value_map.is_open:
        checks.append((f"{read} NOT IN ({_listed(field.value_map.values)})", f"{literal(UNLISTED)} || {read}"))
    if field.value_map is None and field.words:
        checks.append((f"{read} NOT IN ({_listed(field.words)})", f"{literal(UNLISTED)} || {read}"))
    if not field.type.nullable:
        checks.append((f"({value}) IS NULL", literal(MISSING)))
    if field.type.kind == "money":
        checks.extend(_scale_check(field, fields))
    branches = " ".join(f"WHEN {condition} THEN {code}" for condition, code in checks)
    return f"COALESCE({' OR '.join(condition for condition, _ in checks)}, FALSE)", f"CASE {branches} END"


def _scale_check(field: FieldPlan, fields: Sequence[FieldPlan]) -> list[tuple[str, str]]:
    """An amount at a scale that is not its currency's, where the record names a currency."""
    unfit = [currency for currency, digits in MINOR_DIGITS.items() if digits != field.type.scale]
    number = next((number for number, other in enumerate(fields) if other.name == "currency"), None)
    if number is None or not unfit:
        return []
    currency = _value(number, fields[number])
    return [(f"({currency}) IN ({_listed(unfit)})", f"{literal(WRONG_SCALE)} || ({currency})")]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in words)


def _constant(value: EngineValue, kind: ColumnType) -> str:
    if value is None:
        return f"CAST(NULL AS {duckdb_type(kind)})"
    text = value.isoformat() if isinstance(value, date) else str(value)
    return literal(text) if kind.kind == "text" else f"CAST({literal(text)} AS {duckdb_type(kind)})"
