"""Every comparison that ships says of its own examples what they expect."""

import pytest

from handoffs.shadow.examples import broken_examples
from handoffs.stages import HANDOFFS, Handoff
from hub.operator_folder.comparisons_folder import shipped_comparisons

COMPARISONS = shipped_comparisons()


def test_every_handoff_has_its_comparison() -> None:
    assert set(COMPARISONS) == set(HANDOFFS)


@pytest.mark.parametrize("handoff", HANDOFFS)
def test_a_comparison_lives_up_to_its_examples(handoff: Handoff) -> None:
    assert list(broken_examples(COMPARISONS[handoff], handoff)) == []


@pytest.mark.parametrize("handoff", HANDOFFS)
def test_a_comparison_shows_both_sides_right_and_wrong(handoff: Handoff) -> None:
    expected = {example.expect for example in COMPARISONS[handoff].pack.examples}
    assert {"match", "match_after_normalising", "legacy_wrong", "hub_wrong", "unknown"} - expected <= {"unknown"}
