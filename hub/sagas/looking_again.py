"""Take up again what waits for a completion, or was held by a gate, as soon as another completion is known.

Nobody has to say so: photographs that a tablet brings two days later, a signature, a credit hold that was lifted.
What waits for a day is looked at with it: services whose season is over.
"""

from datetime import datetime

from canonical_model.errors import UnsafeToContinue
from hub.sagas.completions import completion_records
from hub.sagas.desk import Desk
from hub.sagas.seasons import wake_the_rested
from provisioning.completion import completion_row, fingerprint
from provisioning.facts import facts_in
from storage.saga_leases import hasten, redirect
from storage.sagas import Saga, SagaStep, sagas

_MOST = 20_000


def look_again(desk: Desk, market: str | None = None) -> int:
    """Make sagas at the gate due of whose jobs something is known that was not judged yet, and wake what has rested.

    Looks no more often than the desk allows: whoever waits for a completion is read each time.

    Args:
        desk: what they are worked with.
        market: whose sagas are wanted; None for all.

    Returns:
        How many sagas go on, or begin.

    Raises:
        RetryableError: the database is out of reach.
    """
    now = desk.clock()
    if not desk.looks.take(market, now):
        return 0
    with desk.hub.database.reading() as connection:
        there = sagas(connection, states=("held", "running"), step="gate", market=market, most=_MOST)
        waiting = [saga for saga in there if saga.state == "held" or saga.due_at > now]
        facts = {saga.id: facts_in(saga.facts) for saga in waiting}
        jobs = [each for each in facts.values() if each.work_order_id is not None]
        records = completion_records(connection, jobs, desk.gatekeeper.brought)
    offerings = {offering.id for offering in desk.hub.operator.catalogue.offerings}
    changed = []
    for saga in waiting:
        known = facts[saga.id]
        if known.is_given_up:
            continue
        found = records.get(known.line.service_id)
        if found is not None and fingerprint(completion_row(found, known, offerings, now)) != known.judged:
            changed.append(saga)
    held = [saga for saga in changed if saga.state == "held"]
    ids = [saga.id for saga in changed if saga.state == "running"]
    if ids:
        with desk.hub.database.journaling() as connection:
            hasten(connection, ids, now)
    resumed = sum(_resumed(desk, saga, now) for saga in held)
    woken = wake_the_rested(desk.hub, now, market)
    desk.looks.ended(market, now, desk.clock())
    return len(ids) + resumed + len(woken)


def _resumed(desk: Desk, saga: Saga, now: datetime) -> bool:
    values = {"state": "running", "due_at": now, "tries": 0, "step_began_at": now, "person": None, "proposal": None}
    step = SagaStep(now, saga.step, "decided", "resume: another completion is known than was judged")
    try:
        with desk.hub.database.journaling() as connection:
            redirect(connection, saga, values, step)
    except UnsafeToContinue:
        return False  # somebody has decided meanwhile
    return True
