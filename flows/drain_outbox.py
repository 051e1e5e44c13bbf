"""Send what is due to other systems, once each, and look at what may have happened."""

from collections import Counter
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.artifacts import show_effects
from flows.asked import OutboxRequest
from flows.ending import completed
from flows.opening import opened
from flows.steps import drain_journal


@flow(name="drain_outbox", flow_run_name="drain the outbox", persist_result=False)
def drain_outbox(request: OutboxRequest) -> State[Any]:
    """Drain the journal of effects; what needs a person is in the state and in the artifact."""
    with opened(request) as at_hand:
        outcome = drain_journal(at_hand, request)
    show_effects(outcome)
    counts = Counter(outcome.left_as.values())
    said = [f"{count} {state}" for state, count in sorted(counts.items())] or ["nothing was due"]
    said += [f"{system} left alone" for system in outcome.away]
    if waiting := len(outcome.need_a_person):
        return completed(", ".join([*said, "see `splice outbox list`"]), f"{waiting} need a person")
    return completed(", ".join(said))
