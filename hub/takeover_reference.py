"""The reference page of a take-over: what each gate asks for, what is done about each signal; from their files."""

from collections.abc import Iterator
from typing import get_args

from handoffs.criteria_in_words import asked_for, sample_of
from handoffs.metrics import METRICS
from handoffs.policy_blocks import LeftStage
from handoffs.rollback import SIGNALS
from handoffs.stages import FORWARD, HANDOFFS
from hub.markdown_tables import table
from hub.operator_folder.handoffs_file import shipped_policy

_ANY = ""  # no market: nobody's overrides

_HEAD = (
    "Before a hand-off goes one stage on, everything in its gate has to be shown. What is missing, stale, of other"
    " versions, or too little to prove it makes the gate **inconclusive**, and inconclusive never promotes."
    " `handoffs.yaml` changes any of it, [by market and hand-off](../how-to/gates-of-a-take-over.md).\n"
)


def takeover_sections() -> Iterator[str]:
    """The text of the page, part by part.

    Raises:
        ConfigurationError: our own policy is wrong.
    """
    policy = shipped_policy()
    yield _HEAD
    for handoff in HANDOFFS:
        days = policy.settle_time(_ANY, handoff).days
        yield f"## {handoff}\n"
        yield f"Legacy is given {days} days (`settle_days`); a work that waits longer counts as not compared.\n"
        for leaves in get_args(LeftStage):
            gate = policy.gate(_ANY, handoff, leaves)
            rows = ((f"`{each.metric}`", asked_for(each), sample_of(each)) for each in gate.criteria)
            yield f"### {leaves} to {FORWARD[leaves]}\n\n{table(('metric', 'asked for', 'sample'), rows)}\n"
    yield "## Metrics\n"
    metrics = ((f"`{name}`", each.title, each.ask, each.unit, each.meaning) for name, each in METRICS.items())
    yield table(("metric", "", "bound is stated by", "unit", "what is counted"), metrics) + "\n"
    yield "## Rollback rules\n"
    rules = policy.rules(_ANY)
    signals = (
        (f"`{kind}`", rules[kind].does.replace("_", " "), f"above {rules[kind].above} {each.unit}", each.meaning)
        for kind, each in SIGNALS.items()
    )
    yield table(("signal", "what is done", "trips", "what was seen"), signals) + "\n"
