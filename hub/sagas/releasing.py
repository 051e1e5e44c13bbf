"""The step that tells every other system, once the service is proven: through the journal of effects, each once."""

from collections.abc import Sequence
from typing import cast

from canonical_model.errors import UnsafeToContinue
from handoffs.commands import Command, problems_of
from handoffs.effect_states import STATES
from hub.effects.enqueue import planned_effect
from hub.sagas.desk import Desk
from hub.sagas.notifying import notice_when_done
from provisioning.facts import SagaFacts
from provisioning.proven import Proven, proven
from provisioning.saga import Holds, Outcome, Passed, SagaKind, Waits
from provisioning.telling import tellings_of
from storage.effects import Effect, effects_with_keys, journal_all
from storage.sagas import Saga


def release(desk: Desk, facts: SagaFacts, saga: Saga) -> Outcome:
    """Put what follows from the proof into the journal, and wait until every system shows it.

    The customer is told last, and of nothing that some system does not show: where a person has given something up,
    it is for a person to tell.

    Raises:
        ConfigurationError: a system that has to be told takes no such command.
        RetryableError: the database is out of reach.
    """
    if facts.is_given_up or facts.verified_at is None or (facts.standing == "active" and not facts.evidence):
        return Holds("nothing proves that it works: no system is told and nothing is billed")
    operator = desk.hub.operator
    offerings = {each.id: each for each in operator.catalogue.offerings}
    told = proven(facts, operator.markets[facts.line.market], offerings, facts.verified_at)
    if told.offering_id not in offerings:
        return Holds(f"the catalogue knows no offering {told.offering_id}")
    commands = commands_of(saga, told)
    if problems := [problem for command in commands for problem in problems_of(command)]:
        return Holds("; ".join(problems))
    try:
        journaled = _journaled(desk, commands)
    except UnsafeToContinue as error:
        return Holds(str(error), "dispatcher")
    outcome = _together(journaled)
    if isinstance(outcome, Passed) and all(each.state == "done" for each in journaled):
        notice_when_done(desk, saga, told)
    return outcome


def commands_of(saga: Saga, told: Proven) -> list[Command]:
    """What every system is told, in the order in which it is told."""
    facts = told.facts
    wanted = [(each, each.fields(told)) for each in tellings_of(cast("SagaKind", saga.kind), facts)]
    return [
        Command(
            name=each.command,
            market=told.market.id,
            handoff=each.handoff,
            subject=f"account/{facts.account_number}",
            fields={name: value for name, value in fields.items() if value is not None},
            idempotency_key=f"{saga.key}/{each.name}",
        )
        for each, fields in wanted
        if fields is not None
    ]


def _journaled(desk: Desk, commands: Sequence[Command]) -> list[Effect]:
    keys = [command.idempotency_key for command in commands]
    with desk.hub.database.reading() as connection:
        known = effects_with_keys(connection, keys)
    if len(known) == len(keys):
        return [known[key] for key in keys]
    planned = [planned_effect(desk.hub, command, desk.may_act) for command in commands]
    with desk.hub.database.journaling() as connection:
        return journal_all(connection, planned, desk.clock())


def _together(effects: list[Effect]) -> Outcome:
    stuck = [each for each in effects if each.state in ("refused", "parked")]
    if stuck:
        return Holds("; ".join(f"{each.command} in {each.system}: {each.reason}" for each in stuck))
    waiting = [each for each in effects if not STATES[each.state].lets_next_pass]
    if waiting:
        return Waits("; ".join(f"{each.command} in {each.system} is {each.state}" for each in waiting))
    return Passed(
        "; ".join(f"{each.command} in {each.system}: {each.state}" for each in effects) or "nothing to tell"
    )
