"""Judge the last sweep of a market: open, keep and close incidents, and send a crew where one is needed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.commands import Command
from hub.effects.enqueue import planned_effect
from hub.network_watch.lines import lines_seen
from hub.snapshots import market_of
from hub.takeover.authority import MayAct
from hub.workplace import Hub
from provisioning.watch.incidents import ACTIONS, Incident, incidents_of
from provisioning.watch.line_seen import LineSeen
from provisioning.watch.symptoms import WatchLimits, symptom_of
from storage.effects import journal
from storage.incidents import KeptIncident, SeenIncident, close_incident, keep_seen, note_job, open_incidents

MOST_LINES_TOLD = 20
"""In the note of a job; the incident holds all."""


@dataclass(frozen=True, slots=True)
class WatchOutcome:
    """What a look at the network came to.

    Attributes:
        incidents: all that are open now.
        opened: those of them that this look opened.
        closed: those that it closed.
        not_sent: why no crew was sent, by incident.
        silent: elements of which every reading is too old to say anything, with that of the newest.
        lines: how many were judged.
    """

    incidents: tuple[KeptIncident, ...]
    opened: tuple[KeptIncident, ...]
    closed: tuple[KeptIncident, ...]
    not_sent: dict[int, str]
    silent: dict[str, datetime]
    lines: int


def watch_market(hub: Hub, market_id: str, now: datetime, may_act: MayAct) -> WatchOutcome:
    """Judge the last sweep of a market; looking twice at the same sweep changes nothing.

    What an element that is silent showed before stays as it was: neither opened nor closed.

    Args:
        hub: the operator's hub.
        market_id: which market.
        now: this moment.
        may_act: who may send a crew.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market = market_of(hub.operator, market_id)
    limits = hub.operator.network.watch
    proof = hub.operator.network.limits_of(market.id, market.technology)
    windows = {} if proof is None else proof.windows
    with hub.database.reading() as connection:
        seen = list(lines_seen(connection, market.id, market.technology))
    silent = _silent(seen, limits, now)
    judged = [line for line in seen if line.is_served and now - line.observed_at <= limits.stale]
    symptoms = [each for each in (symptom_of(line, limits, windows) for line in judged) if each is not None]
    found = incidents_of(symptoms, judged, limits)
    by_place = {_seen(each).place: each for each in found}
    with hub.database.writing() as connection:
        before = {each.id: each for each in open_incidents(connection, market.id)}
        kept = keep_seen(connection, market.id, [_seen(each) for each in found], now)
        over = [each for each in before.values() if each.place not in by_place and not _unheard(each, seen, silent)]
        for each in over:
            close_incident(connection, each.id, now)
    refused = {
        each.id: why
        for each in kept
        if (why := _send_crew(hub, each, by_place[each.place], limits, now, may_act)) is not None
    }
    with hub.database.reading() as connection:
        still = open_incidents(connection, market.id)
    new = tuple(each for each in still if each.id not in before)
    return WatchOutcome(tuple(still), new, tuple(over), refused, silent, len(judged))


def _send_crew(
    hub: Hub, kept: KeptIncident, found: Incident, limits: WatchLimits, now: datetime, may_act: MayAct
) -> str | None:
    """Ask for a job where one is needed and was not asked for yet; why not, where that could not be done."""
    if not ACTIONS[found.action].sends_a_truck or kept.effect_key:
        return None
    seen_last = max(each.line.observed_at for each in found.symptoms)
    if seen_last - kept.opened_at < limits.confirm:  # time alone confirms nothing: a later sweep does
        return None
    worst = next((each.line for each in found.symptoms if each.line.order_number is not None), None)
    if worst is None or worst.order_number is None:
        return "no record tells to which order one of its lines belongs"
    command = Command(
        name="create_work_order",
        market=kept.market,
        handoff="provisioning_to_dispatch",
        subject=f"incident/{kept.id}",
        fields={
            "order_number": worst.order_number,
            "work_type": "repair",
            "address": worst.address,
            "note": _note(found),
        },
        idempotency_key=f"incident-{_lasting_name(kept)}/create_work_order",
    )
    try:
        planned = planned_effect(hub, command, may_act)
    except (UnsafeToContinue, ConfigurationError) as error:
        return str(error)
    with hub.database.journaling() as connection:
        journal(connection, planned, now)
        note_job(connection, kept.id, command.idempotency_key)
    return None


def _lasting_name(kept: KeptIncident) -> str:
    """What names an incident for ever; its number is given again to another one when a backup is restored."""
    named = "\n".join((kept.market, *kept.place, kept.opened_at.isoformat()))
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _note(found: Incident) -> str:
    told = [
        f"{each.line.serial} on {each.line.element} {each.line.port or ''}: {each.said}" for each in found.symptoms
    ]
    more = [f"and {len(told) - MOST_LINES_TOLD} more"] if len(told) > MOST_LINES_TOLD else []
    return "\n".join([found.said, *told[:MOST_LINES_TOLD], *more])


def _seen(found: Incident) -> SeenIncident:
    lines = {each.line.serial: each.said for each in found.symptoms}
    return SeenIncident(found.family, found.kind, found.member, found.action, found.said, lines)


def _silent(seen: list[LineSeen], limits: WatchLimits, now: datetime) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for line in seen:
        newest[line.element] = max(line.observed_at, newest.get(line.element, line.observed_at))
    return {element: at for element, at in newest.items() if now - at > limits.stale}


def _unheard(kept: KeptIncident, seen: list[LineSeen], silent: dict[str, datetime]) -> bool:
    """Whether every line of an incident hangs on an element that says nothing."""
    elements = {line.element for line in seen if line.serial in kept.lines}
    return bool(elements) and elements <= silent.keys()
