"""Every comparison that ships says of its own examples what they expect."""

from datetime import UTC, datetime

import pytest

from handoffs.shadow.comparing import Compared, compare_rows
from handoffs.shadow.rows import EVIDENCE, INTENT, OBSERVED, ShadowRow
from handoffs.stages import HANDOFFS, Handoff
from hub.takeover.shadow.packs import shipped_comparisons
from rules.comparison_pack import ComparisonExample
from rules.types import EngineValue, engine_value

COMPARISONS = shipped_comparisons()
EXAMPLES = [
    pytest.param(handoff, example, id=f"{handoff}-{number}")
    for handoff, comparison in COMPARISONS.items()
    for number, example in enumerate(comparison.pack.examples, start=1)
]


def row(handoff: Handoff, example: ComparisonExample) -> ShadowRow:
    comparison = COMPARISONS[handoff]
    given = {**comparison.pack.usual, **example.given}
    values: dict[str, EngineValue] = {
        name: engine_value(value, comparison.schema[name]) for name, value in given.items()
    }
    return ShadowRow(
        "order/SO-1",
        datetime(2026, 3, 1, tzinfo=UTC),
        {name: values.get(f"intent_{name}") for name in INTENT[handoff]},
        {name: values.get(f"observed_{name}") for name in OBSERVED[handoff]},
        {name: values.get(name) for name in EVIDENCE[handoff]},
    )


def compared(handoff: Handoff, example: ComparisonExample) -> Compared:
    (found,) = compare_rows(COMPARISONS[handoff], [row(handoff, example)])
    return found


def test_every_handoff_has_its_comparison() -> None:
    assert set(COMPARISONS) == set(HANDOFFS)


@pytest.mark.parametrize(("handoff", "example"), EXAMPLES)
def test_a_comparison_lives_up_to_its_examples(handoff: Handoff, example: ComparisonExample) -> None:
    found = compared(handoff, example)
    told = {each.field: each.kind for each in found.differences}
    assert (found.kind, told, found.is_critical) == (example.expect, dict(example.fields), example.critical)


@pytest.mark.parametrize("handoff", HANDOFFS)
def test_a_comparison_shows_both_sides_right_and_wrong(handoff: Handoff) -> None:
    expected = {example.expect for example in COMPARISONS[handoff].pack.examples}
    assert {"match", "match_after_normalising", "legacy_wrong", "hub_wrong", "unknown"} - expected <= {"unknown"}
