"""The examples of a rule, executed."""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from rules.compiled import CompiledRule
from rules.rule import Example
from rules.types import EngineValue, Schema, duckdb_type, engine_value, major_units, neutral_value


@dataclass(frozen=True, slots=True)
class ExampleFailure:
    """An example that a rule does not live up to.

    Attributes:
        rule_id: the rule's.
        number: which of its examples, from 1.
        problem: what it said instead of what was expected.
    """

    rule_id: str
    number: int
    problem: str

    def __str__(self) -> str:
        return f"{self.rule_id}, example {self.number}: {self.problem}"


def run_examples(
    compiled: CompiledRule, schema: Schema, connection: duckdb.DuckDBPyConnection
) -> list[ExampleFailure]:
    """Judge each example of a rule as a row of its view.

    Args:
        compiled: the rule.
        schema: columns of its view.
        connection: any DuckDB connection; nothing is stored in it.

    Returns:
        The examples that came out otherwise than expected.
    """
    failures = []
    for number, example in enumerate(compiled.rule.examples, start=1):
        problem = _problem(compiled, schema, example, connection)
        if problem:
            failures.append(ExampleFailure(compiled.rule.id, number, problem))
    return failures


def example_row(example: Example, schema: Schema) -> dict[str, EngineValue]:
    """All columns of the view as the example wants them, as the engine holds them.

    Raises:
        ValueError: a given value is not of its column's type.
    """
    return {
        name: engine_value(example.given[name], kind) if name in example.given else neutral_value(kind)
        for name, kind in schema.items()
    }


def _problem(
    compiled: CompiledRule, schema: Schema, example: Example, connection: duckdb.DuckDBPyConnection
) -> str | None:
    row = example_row(example, schema)
    columns = ", ".join(f'CAST(? AS {duckdb_type(kind)}) AS "{name}"' for name, kind in schema.items())
    sql = f"SELECT {compiled.when_sql()}, {compiled.exposure_sql()} FROM (SELECT {columns})"
    try:
        found, exposure = connection.execute(sql, list(row.values())).fetchall()[0]
    except duckdb.Error as error:
        return f"the engine refused it: {str(error).splitlines()[0]}"
    amount = None if exposure is None else major_units(exposure, compiled.exposure.type.scale)
    return _difference(example.expect, bool(found), amount)


def _difference(expected: Decimal | str, found: bool, amount: Decimal | None) -> str | None:
    if not found:
        return None if expected == "nothing" or expected == 0 else f"found nothing, not {expected}"
    if amount is None:
        return f"found an unknown amount, not {expected}"
    return None if amount == expected else f"found {amount}, not {expected}"
