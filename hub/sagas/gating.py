"""The step that waits for the completion of the job, and asks the gates whether it may start billing."""

from canonical_model.errors import ConfigurationError
from hub.sagas.completions import completion_records
from hub.sagas.desk import Desk
from provisioning.completion import completion_row, fingerprint
from provisioning.facts import SagaFacts
from provisioning.gates import Judgement, judgement, waived
from provisioning.profile_making import with_tier
from provisioning.saga import Holds, Outcome, Passed, Waits


def gate(desk: Desk, facts: SagaFacts) -> Outcome:
    """Wait for the completion; hold what a gate does not let pass, for the person whom the gate asks.

    Raises:
        RetryableError: the database is out of reach.
    """
    if facts.work_order_id is None:
        return Passed("no job was needed")
    with desk.hub.database.reading() as connection:
        found = completion_records(connection, [facts], desk.gatekeeper.brought)
    if not found:
        return Waits(f"work order {facts.work_order_id} is not completed")
    market = desk.hub.operator.markets.get(facts.line.market)
    if market is None:
        raise ConfigurationError(f"there is no market {facts.line.market}")
    offerings = {offering.id for offering in desk.hub.operator.catalogue.offerings}
    (records,) = found.values()
    row = completion_row(records, facts, offerings, desk.clock())
    completed_at = records.completion.completed_at
    asked = desk.gatekeeper.judge(row, market.id, market.local_date(completed_at))
    judged = judgement(waived(asked, facts.waivers))
    learned: dict[str, object] = {
        "gates": tuple(each.model_dump() for each in judged.results),
        "judged": fingerprint(row),
    }
    if judged.holding:
        return Holds(judged.said, judged.person, _amendment(desk, facts, row["installed_offering"]), learned)
    learned |= {"completed_at": completed_at, "installed_offering_id": facts.profile.offering_id}
    return Passed(f"work order {facts.work_order_id} was completed: {_told(judged)}", learned)


def _amendment(desk: Desk, facts: SagaFacts, installed: object) -> dict[str, object]:
    """What a person may accept where another tier was installed: the network is told of it, and proves it anew."""
    line, element = facts.line, desk.network.elements.get(facts.line.element)
    if not isinstance(installed, str) or installed == facts.profile.offering_id or element is None:
        return {}
    amended = with_tier(desk.network, facts.profile, line.market, element.variant or "", installed)
    if amended is None:
        return {}
    return {"profile": amended.model_dump(mode="json"), "working_since": None, "verified_at": None}


def _told(judged: Judgement) -> str:
    passed = sum(each.verdict == "pass" for each in judged.results)
    others = [f"{each.rule} {'waived' if each.waived_by else each.verdict}" for each in judged.results]
    beside = [told for told, each in zip(others, judged.results, strict=True) if each.verdict != "pass"]
    return "; ".join([f"{passed} gates pass", *beside])
