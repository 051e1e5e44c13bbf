"""What has to be so at the end of every run, whoever led it: no effect twice, none lost, no bill without a proof."""

from collections import Counter

from provisioning.facts import SagaFacts
from simulated_estate.servers.serve import RunningEstate
from storage.effects import Effect
from storage.sagas import Saga, SagaStep

_LOGGED = ("billing", "fsm")
"""Systems that tell under which key something was done."""


def wrong_in_systems(running: RunningEstate, told: list[Effect]) -> list[str]:
    """Effects that the systems have not done exactly once."""
    wrong = []
    for system in _LOGGED:
        applied = Counter(each.key for each in running.write_log.of(system))
        wrong += [
            f"{each.command} was done {applied[each.request_id]} times in {system}"
            for each in told
            if each.system == system and applied[each.request_id] != 1
        ]
    return wrong


def billed_without_proof(saga: Saga, steps: list[SagaStep], told: list[Effect]) -> list[str]:
    """What was billed that was not proven first."""
    if not any(each.command == "start_billing" for each in told):
        return []
    facts = SagaFacts.model_validate_json(saga.facts)
    proven_at = [each.at for each in steps if each.step in ("verify", "soak") and each.event == "passed"]
    if not facts.evidence or facts.verified_at is None or not proven_at:
        return ["it is billed without evidence"]
    early = [each for each in told if each.enqueued_at < max(proven_at)]
    return ["it was billed before it was proven"] if early else []
