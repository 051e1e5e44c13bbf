"""The step that tells every other system, once the service is proven: through the journal of effects, each once."""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Connection

from canonical_model.errors import OnHold, UnsafeToContinue
from canonical_model.network import ServiceActivation
from canonical_model.orders import PriceAlteration
from handoffs.commands import Command, problems_of
from handoffs.effect_states import STATES
from handoffs.stages import HANDOFFS, Authority, Mandate
from hub.effects.enqueue import planned_effect
from hub.sagas.desk import Desk
from hub.sagas.notifying import notice_when_done
from provisioning.courtesy import STARTS_BILLING, served_for_nothing
from provisioning.facts import SagaFacts
from provisioning.proven import Proven, activation_of, proven
from provisioning.saga import Holds, Outcome, Passed, SagaKind, Waits
from provisioning.telling import tellings_of
from storage.activations import SYSTEM, is_noted, note_activation
from storage.current_records import current_records
from storage.effects import Effect, effects_with_keys, journal_all
from storage.sagas import Saga
from storage.work_paths import WorkPath, note_paths


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
    shown = activation_of(saga.key, cast("SagaKind", saga.kind), told, SYSTEM)
    commands, free = commands_of(saga, told), ""
    with desk.hub.database.reading() as connection:
        known = effects_with_keys(connection, [command.idempotency_key for command in commands])
        if len(known) < len(commands):  # what is journaled was asked for then
            commands, free = _billed(connection, told, commands)
        if shown is not None and is_noted(connection, shown):
            shown = None
    if problems := [problem for command in commands for problem in problems_of(command)]:
        return Holds("; ".join(problems))
    news = [each for each in commands if each.idempotency_key not in known]
    sides = _sides(desk, news)
    if isinstance(sides, Waits):
        return sides
    left = [each for each in news if sides[each.handoff].actor != "hub"]
    _leave(desk, facts, {each.handoff: sides[each.handoff] for each in left})
    try:
        journaled = _journaled(desk, [each for each in commands if each not in left], known, sides, shown)
    except OnHold as error:
        return Waits(str(error), not_before=desk.clock())
    except UnsafeToContinue as error:
        return Holds(str(error), "dispatcher")
    outcome = _together(desk, facts, journaled, left, free)
    if isinstance(outcome, Passed) and not left and all(each.state == "done" for each in journaled):
        notice_when_done(desk, saga, told)
    return outcome


def _billed(connection: Connection, told: Proven, commands: list[Command]) -> tuple[list[Command], str]:
    """The same without the beginning of a bill for an account that is served for nothing, and why."""
    if not any(command.name == STARTS_BILLING for command in commands):
        return commands, ""
    known = current_records(connection, PriceAlteration, told.market.id, account_number=told.facts.account_number)
    approval = served_for_nothing(known, told.day)
    if approval is None:
        return commands, ""
    by = f", approved by {approval.approved_by}" if approval.approved_by else ""
    left = [command for command in commands if command.name != STARTS_BILLING]
    return left, f"nothing is billed: the account is served for nothing since {approval.valid_from}{by}"


def _leave(desk: Desk, facts: SagaFacts, sides: Mapping[Mandate, Authority]) -> None:
    """Write down what is legacy's of this work, so that no later turn tells it after all."""
    now = desk.clock()
    paths = [
        WorkPath(facts.line.market, handoff, facts.acts_on, "legacy", side.epoch, now, side.reason)
        for handoff, side in sides.items()
        if handoff in HANDOFFS and not side.is_begun
    ]
    if paths:
        with desk.hub.database.journaling() as connection:
            note_paths(connection, paths)


def _sides(desk: Desk, commands: Sequence[Command]) -> dict[Mandate, Authority] | Waits:
    """Who tells what is not told yet, by hand-off; or that the line is stopped."""
    found: dict[Mandate, Authority] = {}
    for command in commands:
        if command.handoff in found:
            continue
        authority = desk.may_act(command.market, command.handoff, command.acts_on)
        if authority.actor == "nobody":
            return Waits(f"{command.name}: {authority.reason}", not_before=desk.clock())
        found[command.handoff] = authority
    return found


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
            work=facts.acts_on,
        )
        for each, fields in wanted
        if fields is not None
    ]


def _journaled(
    desk: Desk,
    commands: Sequence[Command],
    known: Mapping[str, Effect],
    sides: Mapping[Mandate, Authority],
    shown: ServiceActivation | None,
) -> list[Effect]:
    """Every command as it stands in the journal; what was shown is kept with it, as bills are judged by that day."""
    news = [command for command in commands if command.idempotency_key not in known]
    there = dict(known)
    if news or shown is not None:
        planned = [planned_effect(desk.hub, command, lambda _m, mandate, _w: sides[mandate]) for command in news]
        with desk.hub.database.writing() as connection:  # who sends it puts it on the disk before
            there |= {each.idempotency_key: each for each in journal_all(connection, planned, desk.clock())}
            if shown is not None:
                note_activation(connection, shown, desk.clock())
    return [there[command.idempotency_key] for command in commands]


def _together(desk: Desk, facts: SagaFacts, effects: Sequence[Effect], left: Sequence[Command], free: str) -> Outcome:
    stuck = [each for each in effects if each.state in ("refused", "parked")]
    if stuck:
        return Holds("; ".join(f"{each.command} in {each.system}: {each.reason}" for each in stuck))
    waiting = [each for each in effects if not STATES[each.state].lets_next_pass]
    if waiting:
        said = "; ".join(f"{each.command} in {each.system} is {each.state}" for each in waiting)
        asked = (desk.may_act(facts.line.market, each.handoff, facts.acts_on) for each in waiting)
        is_stopped = any(authority.actor == "nobody" for authority in asked)
        return Waits(said, not_before=desk.clock() if is_stopped else None)
    told = [f"{each.command} in {each.system}: {each.state}" for each in effects]
    told += [f"{each.name} is left to the legacy system, which owns {each.handoff}" for each in left]
    told += [free] if free else []
    return Passed("; ".join(told) or "nothing to tell")
