"""Approved remedies go into the outbox: journaled with their case in one transaction, sent once from there."""

from dataclasses import dataclass, field
from datetime import datetime

from canonical_model.errors import ConfigurationError
from hub.cases.commands import by_hand, command_of, takers_of
from hub.cases.held import held_case, name_of_case
from hub.cases.remedies import outdated
from hub.cases.remedies_moved import back_to_proposed, follow_outbox
from hub.decision import Decision
from hub.effects.enqueue import planned_effect
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from storage.cases import cases_of
from storage.effects import Effect, journal
from storage.remedies import Remedy, remedies_of_market


@dataclass(slots=True)
class Sendings:
    """What became of approved remedies.

    Attributes:
        effects: in the outbox now.
        returned: cases whose remedy went back to proposed, each with the reason.
        tasks: cases whose remedy is a person's task, each with it.
    """

    effects: list[Effect] = field(default_factory=list)
    returned: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[tuple[str, str]] = field(default_factory=list)


def send_approved(
    hub: Hub,
    decision: Decision,
    may_act: MayAct,
    case: str | None = None,
    market: str | None = None,
    approved_by: str | None = None,
) -> Sendings:
    """Put what is approved into the outbox; draining it sends it.

    A remedy whose finding changed since, or whose months cannot be billed any more, goes back to proposed.

    Args:
        hub: the operator's hub.
        decision: who lets it be sent.
        may_act: who may act on the billing system.
        case: only of this case; the beginning of its name.
        market: only of this market.
        approved_by: only what this person, or the policy, approved.

    Raises:
        ConfigurationError: there is no such case or market, the case has nothing approved, or no system takes it.
        UnsafeToContinue: the hub may not send remedies there; nothing was written down for that case.
        RetryableError: the database is out of reach.
    """
    sendings = Sendings()
    for remedy in _approved(hub, case, market):
        if approved_by not in (None, remedy.approved_by):
            continue
        with held_case(hub, remedy.fingerprint, decision) as held:
            # somebody else may have sent or withdrawn it since
            now = next(each for each in held.worked.remedies if each.number == remedy.number)
            if now.state != "approved":
                continue
            if not now.task and not takers_of(hub, now, held.finding.market):
                now = held.worked.move(
                    now, "approved", "remedy_revised", "no system takes it", task=by_hand(now, held.finding)
                )
            if now.task:
                sendings.tasks.append((remedy.fingerprint, now.task))
            elif why := outdated(hub, held, now):
                back_to_proposed(held.worked, now, why)
                sendings.returned.append((remedy.fingerprint, why))
            else:
                planned = planned_effect(hub, command_of(now, held.finding, held.today), may_act)
                effect = journal(held.connection, planned, decision.at)
                held.worked.move(now, "sent", "remedy_sent", f"effect {effect.id}", effect_id=effect.id)
                sendings.effects.append(effect)
    return sendings


def note_outbox(hub: Hub, at: datetime) -> None:
    """Write down what the outbox has settled of remedies since.

    Raises:
        RetryableError: the database is out of reach.
    """
    for market in hub.operator.markets:
        with hub.database.writing() as connection:
            sent = remedies_of_market(connection, market, {"sent"})
            settled = [
                name for name, each in sent.items() if any(one.effect_state in ("done", "discarded") for one in each)
            ]
            if settled:
                cases = cases_of(connection, market, locked=True)
                remedies = remedies_of_market(connection, market)
                follow_outbox(connection, [cases[name] for name in settled], remedies, at)


def _approved(hub: Hub, case: str | None, market: str | None) -> list[Remedy]:
    if market is not None and market not in hub.operator.markets:
        known = ", ".join(hub.operator.markets)
        raise ConfigurationError(f"there is no market {market!r}; there are: {known}")
    with hub.database.reading() as connection:
        name = None if case is None else name_of_case(connection, case)
        found = [
            remedy
            for each in hub.operator.markets
            if market in (None, each)
            for remedies in remedies_of_market(connection, each, {"approved"}).values()
            for remedy in remedies
            if name in (None, remedy.fingerprint)
        ]
    if name is not None and not found:
        raise ConfigurationError(
            f"case {name} has no approved remedy: `splice cases show {name[:8]}` tells where it stands"
        )
    return found
