"""Examples of a comparison: rows of which the file says what its fields come to."""

from collections.abc import Iterator
from datetime import UTC, datetime

from handoffs.shadow.comparing import compare_rows
from handoffs.shadow.rows import EVIDENCE, INTENT, OBSERVED, ShadowRow
from handoffs.stages import Handoff
from rules.comparison_pack import ComparisonExample
from rules.compiled_comparison import CompiledComparison
from rules.types import EngineValue, engine_value

_AT = datetime(2026, 3, 1, tzinfo=UTC)


def broken_examples(comparison: CompiledComparison, handoff: Handoff) -> Iterator[tuple[int, str]]:
    """Place of every example that comes out otherwise than its file says, and how it comes out."""
    examples = comparison.pack.examples
    rows = [_row(comparison, handoff, number, example) for number, example in enumerate(examples)]
    found = {each.work: each for each in compare_rows(comparison, rows)}
    for number, example in enumerate(examples):
        told = found[_work(number)]
        fields = {each.field: each.kind for each in told.differences}
        if (told.kind, fields, told.is_critical) != (example.expect, dict(example.fields), example.critical):
            differs = ", ".join(f"{name} {kind}" for name, kind in fields.items()) or "no field differs"
            harm = " and would harm somebody" if told.is_critical else ""
            yield number, f"comes out as {told.kind}{harm} ({differs})"


def _row(comparison: CompiledComparison, handoff: Handoff, number: int, example: ComparisonExample) -> ShadowRow:
    given = {**comparison.pack.usual, **example.given}
    values: dict[str, EngineValue] = {
        name: engine_value(value, comparison.schema[name]) for name, value in given.items()
    }
    return ShadowRow(
        _work(number),
        _AT,
        {name: values.get(f"intent_{name}") for name in INTENT[handoff]},
        {name: values.get(f"observed_{name}") for name in OBSERVED[handoff]},
        {name: values.get(name) for name in EVIDENCE[handoff]},
    )


def _work(number: int) -> str:
    return f"order/{number + 1}"
