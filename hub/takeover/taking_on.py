"""Bill from proof what the legacy system has provisioned: where only the hand-off to billing is taken over.

The line is taken as the network shows it, and nothing on it is changed: it is watched until it has proven itself, the
completion is judged by the gates, and then other systems are told, as after an activation of our own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder
from canonical_model.markets import Market
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.plant import AccessTerminal
from handoffs.stages import Authority
from hub.readiness.order_records import OrderRecords, open_orders, order_records
from hub.sagas.beginning import begin_saga
from hub.takeover.authority import MayAct, history_of
from hub.takeover.legacy_installs import LegacyInstall, facts_of_install
from hub.workplace import Hub
from provisioning.equipment import TERMINAL_KINDS
from provisioning.facts import SagaFacts
from provisioning.plant_room import place_of
from storage.current_records import CurrentRecords, current_records, records_among
from storage.line_use import orders_with_sagas
from storage.sagas import Saga
from storage.work_paths import begin_with_hub


@dataclass(slots=True)
class TakenOn:
    """What became of the orders that legacy provisions and the hub bills.

    Attributes:
        begun: whose proof is awaited now.
        waiting: by order, what has to be there first.
    """

    begun: list[Saga] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Done:
    """A job that is completed, and the terminal that it left; nothing where none is."""

    work_order_id: str | None
    serial: str | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What systems show around the orders of a market.

    Attributes:
        jobs: by order, the last job that was completed for it.
        lines: by serial, where the network shows it.
    """

    jobs: Mapping[str, _Done]
    lines: Mapping[str, NetworkObservation]
    plant: Sequence[AccessTerminal]


def take_on(hub: Hub, market: Market, now: datetime, may_act: MayAct) -> TakenOn:
    """Begin to prove what legacy has provisioned, of every open order that the hub bills; each once.

    Args:
        hub: the operator's hub.
        market: whose orders.
        now: when this happens.
        may_act: who may act.

    Raises:
        RetryableError: the database is out of reach; what was begun stays.
    """
    outcome = TakenOn()
    with hub.database.reading() as connection:
        if history_of(connection, hub, market.id, "field_to_billing")[-1].stage in ("observe", "shadow"):
            return outcome
        begun = orders_with_sagas(connection, market.id)
        orders = [each for each in open_orders(connection, market.id) if each.order_number not in begun]
    bills = {each.order_number: _bills(each, may_act) for each in orders}
    ours = [each for each in orders if bills[each.order_number] is not None]
    if not ours:
        return outcome
    with hub.database.reading() as connection:
        known = order_records(CurrentRecords(connection, market.id), ours)
        seen = _seen(connection, market, ours)
    for order in ours:
        authority = bills[order.order_number]
        try:
            found = _facts(hub, known[order.order_number], seen)
        except ValueError as error:  # no tag is left for a terminal of that number
            found = str(error)
        if authority is None or isinstance(found, str):
            outcome.waiting[order.order_number] = str(found)
            continue
        try:
            outcome.begun.append(_begun(hub, found, authority, now))
        except (ConfigurationError, UnsafeToContinue) as error:
            outcome.waiting[order.order_number] = str(error)
    return outcome


def _bills(order: ProductOrder, may_act: MayAct) -> Authority | None:
    """By which the hub bills an order that legacy provisions; None where it does not, or both are one's."""
    work = f"order/{order.order_number}"
    if may_act(order.market, "order_to_provisioning", work).actor != "legacy":
        return None
    authority = may_act(order.market, "field_to_billing", work)
    return authority if authority.actor == "hub" else None


def _begun(hub: Hub, facts: SagaFacts, authority: Authority, now: datetime) -> Saga:
    market, work = facts.line.market, f"order/{facts.order_number}"

    def taken(connection: Connection) -> None:
        begin_with_hub(connection, market, "field_to_billing", work, authority, now)

    return begin_saga(hub, "take_on", facts, now, first=taken)


def _seen(connection: Connection, market: Market, orders: Sequence[ProductOrder]) -> _Seen:
    numbers = [each.order_number for each in orders]
    orders_jobs = records_among(connection, WorkOrder, market.id, "order_number", numbers)
    jobs = {each.work_order_id: each for each in orders_jobs}
    completions = records_among(connection, FieldCompletion, market.id, "work_order_id", list(jobs))
    materials = records_among(connection, CompletionMaterial, market.id, "work_order_id", list(jobs))
    left = {each.work_order_id: each.serial for each in materials if each.kind in TERMINAL_KINDS.values()}
    done = {}
    for each in sorted(completions, key=lambda one: one.completed_at):
        job = jobs[each.work_order_id]
        if job.work_type == "install":
            done[job.order_number] = _Done(job.work_order_id, left.get(job.work_order_id) or job.expected_serial)
    serials = {each.serial for each in done.values() if each.serial is not None}
    observed = records_among(connection, NetworkObservation, market.id, "serial", serials)
    lines = {each.serial: each for each in sorted(observed, key=lambda one: one.observed_at)}
    return _Seen(done, lines, current_records(connection, AccessTerminal, market.id))


def _facts(hub: Hub, known: OrderRecords, seen: _Seen) -> SagaFacts | str:
    """Everything that the proof needs; or what is not there yet."""
    job = seen.jobs.get(known.order.order_number, _Done(None, None))
    line = seen.lines.get(job.serial or "")
    place = None if line is None or line.port is None else place_of(seen.plant, line.element, line.port)
    offerings = {each.id: each for each in hub.operator.catalogue.offerings}
    install = LegacyInstall(known.order, known.service_id, known.items, job.work_order_id, job.serial, line, place)
    return facts_of_install(install, offerings, hub.operator.network)
