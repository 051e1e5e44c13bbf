"""Who may act: the question every effect is put to before it is journaled, and again before it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from handoffs.authority import authority_on_path, authority_over, under_lease
from handoffs.cohort import WorkFacts
from handoffs.stages import LED_BY, Authority, Handoff, Mandate
from handoffs.takeover import Position, declared, positions_of, positions_since
from hub.running_clock import Clock
from hub.workplace import Hub
from storage.foreign_writes import ForeignWrite, path_and_stop
from storage.takeover import lease_of, moves_of
from storage.work_facts import work_facts

MayAct = Callable[[str, Mandate, str], Authority]
"""Takes market, mandate and work; the hub sends nothing where the actor is another."""

_REMEDIES = {
    True: "remedies.yaml lets the hub send remedies in this market",
    False: "remedies.yaml does not let the hub send remedies in this market",
}


def authority_of(hub: Hub, clock: Clock) -> MayAct:
    """Who may act, by the stages of the take-over; what nobody has taken over belongs to the legacy systems.

    Remedies are sent where ``remedies.yaml`` says so; whether one is approved is known where it is put into the
    journal. The operator's own people may always be told.

    Args:
        hub: the operator's hub.
        clock: tells the moment; stages and leases are measured by it.
    """

    def may_act(market: str, mandate: Mandate, work: str) -> Authority:
        if mandate == "staff":
            return Authority("hub", False, "the operator's own people may be told")
        if mandate == "remedies":
            sends = hub.operator.remedies.of(market).sends
            return Authority("hub" if sends else "legacy", False, _REMEDIES[sends])
        with hub.database.reading() as connection:
            return authority_in(connection, hub, market, mandate, work, clock())

    return may_act


def authority_in(
    connection: Connection, hub: Hub, market: str, handoff: Handoff, work: str, now: datetime
) -> Authority:
    """Who may act on a piece of work.

    Args:
        connection: of a transaction.
        hub: the operator's hub.
        market: of the work.
        handoff: that it is asked for.
        work: as ``order/1234``.
        now: this moment.
    """
    history = history_of(connection, hub, market, handoff)
    current = history[-1]
    path, beside = path_and_stop(connection, market, handoff, work)
    if path is not None:
        on_path = authority_on_path(path.writer, current)
        return on_path if beside is None else _beside_another(on_path, beside)
    if current.stage in ("observe", "shadow") or market not in hub.operator.markets:
        return authority_over([current], WorkFacts(market, work))
    if handoff in LED_BY and work.startswith("order/"):
        leads = authority_in(connection, hub, market, LED_BY[handoff], work, now)
        if leads.actor == "legacy":  # the hub would never come to it
            said = f"legacy begins it in {LED_BY[handoff].replace('_', ' ')}, and does this as well"
            return replace(leads, reason=said, epoch=current.epoch, is_begun=False)
    facts = work_facts(connection, hub.operator.markets[market], work)
    decided = authority_over(since_ordered(history, facts), facts)
    return under_lease(decided, current, lease_of(connection, market, handoff), now)


def _beside_another(authority: Authority, beside: ForeignWrite) -> Authority:
    """The same while another writer has acted on the work: nobody goes on until a person has said who keeps it."""
    if beside.decision is None:
        said = f"somebody else wrote to it: {beside.kind.replace('_', ' ')} {beside.thing}; say who keeps it"
        return replace(authority, actor="nobody", reason=said)
    return replace(authority, actor="legacy", reason=f"a person has said that legacy keeps it: {beside.thing}")


def since_ordered(history: Sequence[Position], facts: WorkFacts) -> Sequence[Position]:
    """The positions since a piece of work was ordered; an undated order was there from the start."""
    if facts.placed_at is None and facts.work.startswith("order/"):
        return history
    return positions_since(history, facts.placed_at)


def history_of(connection: Connection, hub: Hub, market: str, handoff: Handoff) -> list[Position]:
    """Every position of a hand-off in a market, the first as handoffs.yaml declares it."""
    stage = hub.operator.handoffs.declared.get(market, {}).get(handoff, "observe")
    return positions_of(declared(market, handoff, stage), moves_of(connection, market, handoff))
