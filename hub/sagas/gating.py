"""The step that waits for the completion of the job, and looks whether it may start billing."""

from canonical_model.field_work import CompletionMaterial, FieldCompletion
from canonical_model.network import Technology
from hub.sagas.desk import Desk
from provisioning.facts import SagaFacts
from provisioning.saga import Holds, Outcome, Passed, Waits
from storage.current_records import current_records

TERMINALS: dict[Technology, str] = {
    "pon": "ont",
    "active_ethernet": "nid",
    "fixed_wireless": "subscriber_module",
}
"""The kind of device that ends the line, by technology."""


def gate(desk: Desk, facts: SagaFacts) -> Outcome:
    """Wait for the completion; hold what does not fit what the network shows.

    Raises:
        RetryableError: the database is out of reach.
    """
    if facts.work_order_id is None:
        return Passed("no job was needed")
    market = facts.line.market
    with desk.hub.database.reading() as connection:
        found = current_records(connection, FieldCompletion, market, work_order_id=facts.work_order_id)
        materials = current_records(connection, CompletionMaterial, market, work_order_id=facts.work_order_id)
    if not found:
        return Waits(f"work order {facts.work_order_id} is not completed")
    completion = max(found, key=lambda each: each.completed_at)
    kind = TERMINALS[facts.profile.technology]
    scanned = sorted(each.serial for each in materials if each.kind == kind)
    if scanned and facts.line.serial not in scanned:
        return Holds(f"the network reads serial {facts.line.serial}, the technician scanned {', '.join(scanned)}")
    installed = completion.installed_offering_id or facts.profile.offering_id
    if installed not in {offering.id for offering in desk.hub.operator.catalogue.offerings}:
        return Holds(f"the technician says that {installed} was installed: the catalogue does not know it", "finance")
    if installed != facts.profile.offering_id:
        ordered = facts.profile.offering_id
        return Holds(f"the technician says that {installed} was installed, the network has {ordered}")
    learned: dict[str, object] = {"completed_at": completion.completed_at, "installed_offering_id": installed}
    return Passed(f"work order {facts.work_order_id} was completed", learned)
