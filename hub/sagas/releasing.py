"""The step that tells every other system, once the service is proven: through the journal of effects, each once."""

from datetime import datetime

from canonical_model.errors import UnsafeToContinue
from handoffs.commands import Command, FieldValue
from handoffs.effect_states import STATES
from hub.effects.enqueue import planned_effect
from hub.sagas.desk import Desk
from provisioning.facts import SagaFacts
from provisioning.saga import Holds, Outcome, Passed, Waits
from storage.effects import Effect, effect_with_key, journal
from storage.sagas import Saga


def release(desk: Desk, facts: SagaFacts, saga: Saga) -> Outcome:
    """Put what follows from the proof into the journal, and wait until every system shows it.

    Raises:
        ConfigurationError: a system that has to be told takes no such command.
        RetryableError: the database is out of reach.
    """
    if facts.verified_at is None or (facts.standing == "active" and not facts.evidence):
        return Holds("nothing proves that it works: no system is told and nothing is billed")
    commands = _commands(desk, facts, saga, facts.verified_at)
    with desk.hub.database.reading() as connection:
        known = [effect_with_key(connection, command.idempotency_key) for command in commands]
    if None in known:
        try:
            planned = [planned_effect(desk.hub, command, desk.may_act) for command in commands]
        except UnsafeToContinue as error:
            return Holds(str(error), "dispatcher")
        with desk.hub.database.journaling() as connection:
            known = [journal(connection, each, desk.clock()) for each in planned]
    return _together([effect for effect in known if effect is not None])


def _together(effects: list[Effect]) -> Outcome:
    stuck = [each for each in effects if each.state in ("refused", "parked")]
    if stuck:
        return Holds("; ".join(f"{each.command} in {each.system}: {each.reason}" for each in stuck))
    waiting = [each for each in effects if not STATES[each.state].lets_next_pass]
    if waiting:
        return Waits("; ".join(f"{each.command} in {each.system} is {each.state}" for each in waiting))
    return Passed("; ".join(f"{each.command} in {each.system}: {each.state}" for each in effects))


def _commands(desk: Desk, facts: SagaFacts, saga: Saga, verified_at: datetime) -> list[Command]:
    """What every system is told of a service that works, in the order in which it is told."""
    market = desk.hub.operator.markets[facts.line.market]
    offering_id = facts.installed_offering_id or facts.profile.offering_id
    offering = next(each for each in desk.hub.operator.catalogue.offerings if each.id == offering_id)
    told: dict[str, dict[str, FieldValue]] = {
        "set_customer_status": {
            "account_number": facts.account_number,
            "order_number": facts.order_number,
            "status": "active",
            "effective_on": market.local_date(verified_at),
            "completed_at": verified_at,
        },
        "start_billing": {
            "account_number": facts.account_number,
            "order_number": facts.order_number,
            "offering_id": offering_id,
            "billing_code": offering.billing_codes[0],
            "starts_on": market.local_date(verified_at),
        },
    }
    if facts.work_order_id is not None:
        told["close_work_order"] = {
            "work_order_id": facts.work_order_id,
            "outcome": "completed",
            "closed_at": facts.completed_at or verified_at,
        }
    return [
        Command(
            name=name,
            market=market.id,
            handoff="field_to_billing",
            subject=f"account/{facts.account_number}",
            fields=fields,
            idempotency_key=f"{saga.key}/{name}",
        )
        for name, fields in told.items()
    ]
