"""Judge one completion by all gates at once: one statement over one row, in DuckDB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from rules.compiled_gate import CompiledGate
from rules.examples import ExampleFailure
from rules.gate_result import GateResult
from rules.gate_rule import GateExample, GateVerdict
from rules.row_statement import RowStatement
from rules.types import EngineValue, Kind, Schema, duckdb_type, engine_value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open_engine() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory for single rows: one thread, time in UTC, and no plan to think about."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("PRAGMA disable_optimizer")
    return connection


@dataclass(frozen=True, slots=True)
class GateQuery:
    """Gates as one statement; it is planned once, and asked of many rows.

    Attributes:
        gates: in the order of their results.
        schema: columns of the row.
        statement: gives what the gates yield for a value of each column.
    """

    gates: tuple[CompiledGate, ...]
    schema: Schema
    statement: RowStatement

    def judge(self, row: Mapping[str, EngineValue]) -> tuple[GateResult, ...]:
        """What every gate says of a row.

        Args:
            row: a value for each column of the schema, None where it is missing.
        """
        if not self.gates:
            return ()
        return _results(self.gates, row, self.statement.ask([row[name] for name in self.schema]))

    def close(self) -> None:
        """Let the engine forget the statement."""
        self.statement.close()


def gate_query(gates: Sequence[CompiledGate], schema: Schema, engine: duckdb.DuckDBPyConnection) -> GateQuery:
    """The statement that asks all gates of one row.

    Args:
        gates: that are asked.
        schema: columns of the row.
        engine: of ``open_engine``; nothing is stored in it.
    """
    asked = ", ".join(sql for gate in gates for sql in gate.sql()) or "NULL"
    return GateQuery(tuple(gates), schema, RowStatement(engine, asked, schema))


def holding_gates(
    gates: Sequence[CompiledGate],
    schema: Schema,
    engine: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, EngineValue]],
) -> list[tuple[GateResult, ...]]:
    """What the gates say of each of many rows that hold it, in the order of the rows.

    Args:
        gates: that are asked.
        schema: columns of the rows.
        engine: of ``open_engine``; nothing stays in it.
        rows: a value for each column of the schema, None where it is missing.
    """
    if not rows or not gates:
        return [() for _ in rows]
    columns = ", ".join(f'"{name}" {duckdb_type(kind)}' for name, kind in schema.items())
    engine.execute(f"CREATE OR REPLACE TEMP TABLE judged_row (place BIGINT, {columns})")
    values: list[list[Any]] = [list(range(len(rows))), *([row[name] for row in rows] for name in schema)]
    engine.execute(f"INSERT INTO judged_row SELECT {', '.join('unnest(?)' for _ in values)}", values)
    asked = ", ".join(sql for gate in gates for sql in gate.sql())
    found = engine.execute(f"SELECT {asked} FROM judged_row ORDER BY place").fetchall()
    engine.execute("DROP TABLE judged_row")
    return [_results(gates, row, values, passing=False) for row, values in zip(rows, found, strict=True)]


def run_gate_examples(
    compiled: CompiledGate, schema: Schema, engine: duckdb.DuckDBPyConnection
) -> list[ExampleFailure]:
    """Judge each example of a gate; those that came out otherwise than expected."""
    failures = []
    for number, example in enumerate(compiled.gate.examples, start=1):
        query = gate_query([compiled.having(compiled.gate.with_parameters(example.parameters))], schema, engine)
        (result,) = query.judge(example_completion(example, schema))
        query.close()
        if result.verdict != example.expect:
            failures.append(ExampleFailure(compiled.gate.id, number, f"said {result.verdict}, not {example.expect}"))
        elif example.says is not None and result.said != example.says:
            failures.append(ExampleFailure(compiled.gate.id, number, f"said {result.said!r}"))
    return failures


def example_completion(example: GateExample, schema: Schema) -> dict[str, EngineValue]:
    """All columns of the row as an example wants them; what is not given is missing.

    Raises:
        ValueError: a given value is not of its column's type.
    """
    return {
        name: engine_value(example.given[name], kind) if name in example.given else None
        for name, kind in schema.items()
    }


def _results(
    gates: Sequence[CompiledGate], row: Mapping[str, EngineValue], found: Sequence[Any], *, passing: bool = True
) -> tuple[GateResult, ...]:
    results, place = [], 0
    for gate in gates:
        width = 1 + len(gate.values)
        if passing or found[place] is True or (found[place] is None and gate.gate.required):
            results.append(_result(gate, row, found[place : place + width]))
        place += width
    return tuple(results)


def _result(compiled: CompiledGate, row: Mapping[str, EngineValue], found: Sequence[Any]) -> GateResult:
    gate, closed = compiled.gate, found[0]
    kinds = (each.type.kind for each in compiled.values.values())
    shown = {name: _shown(value, kind) for name, value, kind in zip(compiled.values, found[1:], kinds, strict=True)}
    if closed is False:
        return GateResult(rule=gate.id, verdict="pass", values=shown)
    if closed is None:
        missing = sorted(name for name in compiled.when.columns if row[name] is None)
        said = f"{gate.title}: nothing is known of {', '.join(missing).replace('_', ' ') or 'it'}"
        verdict: GateVerdict = "inconclusive"
    else:
        said, verdict = gate.say.format(**shown), gate.outcome
    holds = closed is True or gate.required
    return GateResult(
        rule=gate.id,
        verdict=verdict,
        said=said,
        person=gate.person if holds else None,
        holds=holds,
        waivable=holds and gate.waivable,
        values=shown,
    )


def _shown(value: Any, kind: Kind) -> str:
    if value is None:
        return "nothing"
    if kind == "timestamp":
        return f"{_EPOCH + timedelta(microseconds=value):%Y-%m-%d %H:%M} UTC"
    if kind == "boolean":
        return "yes" if value else "no"
    return f"{value:g}" if kind == "number" else str(value)
