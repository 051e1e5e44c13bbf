"""Compare many rows of a hand-off at once: one statement over a relation, in DuckDB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import duckdb

from handoffs.comparison import SEVERITY, UNEXPLAINED, ComparisonClass
from handoffs.shadow.explanation import Explanation, condition_sql
from handoffs.shadow.rows import ShadowRow
from rules.compiled_comparison import CompiledComparison, CompiledField
from rules.types import ColumnType, EngineValue, Schema, duckdb_type, major_units

Shown = str | int | bool | float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not simply the same.

    Attributes:
        kind: its class.
        intent, observed: what each side says, as a person reads it; money in major units.
        evidence: what proves a side wrong, by column.
        money_minor: what it comes to, minor units; positive where legacy takes too little.
        critical: it would harm somebody, and nobody has explained it.
        explained_by: number of the explanation.
    """

    field: str
    kind: ComparisonClass
    intent: Shown
    observed: Shown
    evidence: Mapping[str, Shown]
    money_minor: int = 0
    critical: bool = False
    explained_by: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One row after it was compared.

    Attributes:
        kind: class of its worst field.
        differences: fields that are not simply the same.
    """

    work: str
    at: datetime
    kind: ComparisonClass
    differences: tuple[Difference, ...] = ()

    @property
    def is_critical(self) -> bool:
        """Whether a difference that nobody explained would have harmed somebody."""
        return any(each.critical for each in self.differences)

    @property
    def unexplained_minor(self) -> int:
        """Absolute money of the differences that nobody explained."""
        return sum(abs(each.money_minor) for each in self.differences if each.kind in UNEXPLAINED)

    @property
    def money_minor(self) -> int:
        """What all differences come to, minor units; positive where legacy takes too little."""
        return sum(each.money_minor for each in self.differences)


def compare_rows(
    comparison: CompiledComparison, rows: Sequence[ShadowRow], explanations: Iterable[Explanation] = ()
) -> list[Compared]:
    """Compare rows of which both sides are known, in their order.

    Args:
        comparison: of the hand-off.
        rows: what is compared.
        explanations: of the market and the hand-off that count now.
    """
    if not rows:
        return []
    with closing(duckdb.connect(config={"threads": 1})) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        _fill(engine, comparison.schema, rows)
        statement = _statement(comparison, tuple(explanations))
        found = engine.execute(statement).fetchall()
    return [_compared(comparison, row, values) for row, values in zip(rows, found, strict=True)]


def _fill(engine: duckdb.DuckDBPyConnection, schema: Schema, rows: Sequence[ShadowRow]) -> None:
    """Write rows down a column at a time."""
    named = [row.columns() for row in rows]
    columns = ", ".join(f'"{name}" {duckdb_type(kind)}' for name, kind in schema.items())
    engine.execute(f"CREATE TABLE pair (place BIGINT, {columns})")
    places = ", ".join("unnest(?)" for _ in range(len(schema) + 1))
    values: list[list[Any]] = [list(range(len(rows)))]
    values += [[each.get(name) for each in named] for name in schema]
    engine.execute(f"INSERT INTO pair SELECT {places}", values)


def _statement(comparison: CompiledComparison, explanations: tuple[Explanation, ...]) -> str:
    asked = []
    for each in comparison.fields:
        asked += [each.class_sql(), each.money_sql(), each.critical_sql(), _explained_sql(each, explanations)]
    return f"SELECT {', '.join(asked)} FROM pair ORDER BY place"


def _explained_sql(compiled: CompiledField, explanations: tuple[Explanation, ...]) -> str:
    own = [each for each in explanations if each.field == compiled.name]
    cases = " ".join(f"WHEN {condition_sql(each)} THEN {each.number}" for each in own)
    return f"CASE {cases} END" if own else "NULL"


def _compared(comparison: CompiledComparison, row: ShadowRow, values: Sequence[Any]) -> Compared:
    told = list(_differences(comparison, row, values))
    worst = max((each.kind for each in told), key=SEVERITY.__getitem__, default="match")
    return Compared(row.work, row.at, cast("ComparisonClass", worst), tuple(told))


def _differences(comparison: CompiledComparison, row: ShadowRow, values: Sequence[Any]) -> Iterator[Difference]:
    columns: dict[str, EngineValue] = {}
    for number, compiled in enumerate(comparison.fields):
        kind, money, critical, explained = values[4 * number : 4 * number + 4]
        if kind in (None, "match"):
            continue
        columns = columns or row.columns()
        if kind in UNEXPLAINED and explained is not None:
            kind = "explained"
        schema, name = comparison.schema, compiled.name
        yield Difference(
            field=name,
            kind=kind,
            intent=_shown(columns, f"intent_{name}", schema),
            observed=_shown(columns, f"observed_{name}", schema),
            evidence={each: _shown(columns, each, schema) for each in compiled.field.evidence},
            money_minor=int(money),
            critical=bool(critical) and kind in UNEXPLAINED,
            explained_by=explained if kind == "explained" else None,
        )


def _shown(columns: Mapping[str, EngineValue], name: str, schema: Schema) -> Shown:
    value = columns.get(name)
    kind: ColumnType | None = schema.get(name)
    if value is None or kind is None:
        return None
    if kind.kind == "money" and isinstance(value, int):
        return f"{major_units(value, kind.scale):f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
