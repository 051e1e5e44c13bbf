"""What billing would be told of an order: by the sagas' own table of tellings, once the gates were asked.

What is told comes from ``provisioning.telling``, the day from ``provisioning.proven``, and what a gate holds from
``provisioning.gates``: nothing of it is written a second time here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from canonical_model.orders import OrderType
from canonical_model.plant import AccessTerminal
from handoffs.commands import FieldValue
from hub.readiness.orders_around import DEAD_STATES
from hub.takeover.legacy_installs import LegacyInstall, PlaceInPlant, facts_of_install
from hub.takeover.shadow.gates_asked import judged_completions
from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.sold_as import profile_sold
from hub.takeover.shadow.tables import MarketTables
from provisioning.courtesy import served_for_nothing
from provisioning.facts import Evidence, SagaFacts
from provisioning.line import Line
from provisioning.profile import ProvisioningProfile
from provisioning.profile_making import with_tier
from provisioning.proven import Proven, proven
from provisioning.saga import SagaKind
from provisioning.standing import Standing
from provisioning.telling import tellings_of

_BEFORE_LEAVING = timedelta(days=1)
"""A device that came up so long before its job was done came up for it."""

_NO_PLACE = {True: ("inventory",), False: ()}
"""What holds an order beside the gates: the saga begins once the inventory knows the port."""

_TELLS: Mapping[OrderType, tuple[SagaKind, str]] = {
    "new": ("activate", "start_billing"),
    "change": ("change_tier", "change_billing"),
    "move": ("move", "change_billing"),
    "cease": ("cease", "stop_billing"),
}
"""The saga of an order, and what it tells billing of the access.

Shadow does not know what was billed before: of a move that keeps its tier it states what billing holds afterwards.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What billing would be told.

    Attributes:
        at: from when it counts.
        fields: of the command; None where billing is told nothing.
        reasons: why it is told nothing.
        held_by: gates that would ask a person first, and ``inventory`` where that does not know the port; told is
            what a person is asked to accept, or what follows once the inventory is corrected.
    """

    at: datetime
    fields: Mapping[str, FieldValue] | None
    reasons: str = ""
    held_by: str = ""


def told_of_orders(histories: Mapping[str, OrderHistory], tables: MarketTables, now: datetime) -> dict[str, Told]:
    """What billing would be told of orders, by number; of those that are left out nothing is decided.

    Args:
        histories: of the orders.
        tables: of their market.
        now: this moment.
    """
    told: dict[str, Told] = {}
    proven_facts: dict[str, SagaFacts] = {}
    for number, history in histories.items():
        facts = _FACTS[history.order.order_type](history, tables)
        if isinstance(facts, Told):
            told[number] = facts
        elif facts is not None:
            proven_facts[number] = facts
    starts = {number: each for number, each in proven_facts.items() if histories[number].order.order_type == "new"}
    judged = judged_completions(tables, starts, histories, now)
    for number, facts in proven_facts.items():
        said = judged.get(number)
        if (free := _free(histories[number], facts, tables)) is not None:
            told[number] = free
            continue
        holding = () if said is None else said.holding
        amended = _amended(facts, histories[number], tables) if holding else facts
        kind, command = _TELLS[histories[number].order.order_type]
        at = histories[number].counts_from or facts.verified_at or now
        held_by = ", ".join([*_NO_PLACE[_lacks_place(histories[number])], *(each.rule for each in holding)])
        told[number] = Told(at, _telling(kind, command, amended, tables), held_by=held_by)
    return told


def _free(history: OrderHistory, facts: SagaFacts, tables: MarketTables) -> Told | None:
    """What is told of a service that nobody pays for."""
    at = facts.verified_at
    if facts.standing != "active" or at is None:
        return None
    approval = served_for_nothing(history.alterations, tables.market.local_date(at))
    return None if approval is None else Told(at, None, "the account is served for nothing")


def _start_facts(history: OrderHistory, tables: MarketTables) -> SagaFacts | Told | None:
    """What the saga would know that brings a service to life; None while nothing is decided."""
    order, done = history.order, history.completion
    if done is None:
        placed = order.ordered_at
        if placed is None or (order.state not in DEAD_STATES and not history.subscriptions):
            return None
        why = f"the order is {order.state}" if order.state in DEAD_STATES else "no job was completed"
        return Told(placed, None, why)
    if history.device is None and history.is_changed_since:
        profile = profile_sold(history, tables)
        why = f"no profile of {order.offering_id} is known"
        return (
            Told(done.completed_at, None, why)
            if profile is None
            else _facts(history, profile, _working_since(history), "active")
        )
    install = LegacyInstall(
        order,
        order.account_number,
        history.items,
        done.work_order_id,
        history.serial,
        history.device,
        history.place or _as_shown(history, tables),
    )
    try:
        found = facts_of_install(install, tables.offerings, tables.network)
    except ValueError as error:
        found = str(error)
    if isinstance(found, str):
        return Told(done.completed_at, None, found)
    at = _working_since(history)
    return found.model_copy(
        update={
            "working_since": at,
            "verified_at": at,
            "evidence": (Evidence(kind="ont_ranged", seen_at=at, said="seen by its element"),),
            "installed_offering_id": found.profile.offering_id,
        }
    )


def _lacks_place(history: OrderHistory) -> bool:
    """Whether an element shows the device on a port that the inventory does not know."""
    if history.order.order_type != "new":
        return False
    return history.completion is not None and history.device is not None and history.place is None


def _as_shown(history: OrderHistory, tables: MarketTables) -> PlaceInPlant | None:
    """Where the device would be once the inventory is corrected: on the port that its element shows."""
    device = history.device
    if device is None or device.port is None:
        return None
    terminal = AccessTerminal(
        market=tables.market.id,
        source_system=device.source_system,
        source_object=device.source_object,
        source_id=device.source_id,
        terminal=device.port,
        element=device.element,
        port=device.port,
        technology=tables.market.technology,
        capacity=1,
    )
    return terminal, None


def _end_facts(history: OrderHistory, tables: MarketTables) -> SagaFacts | Told | None:
    """What the saga would know that ends a service; None while nothing is decided."""
    return _facts_at(history, tables, history.order.completed_at, "ended")


def _change_facts(history: OrderHistory, tables: MarketTables) -> SagaFacts | Told | None:
    """What the saga would know by which a service goes on otherwise, or elsewhere; None while nothing is decided.

    An order that names no offering is about what is sold beside the access.
    """
    if history.order.offering_id is None:
        return None
    return _facts_at(history, tables, history.counts_from, "active")


def _facts_at(
    history: OrderHistory, tables: MarketTables, at: datetime | None, standing: Standing
) -> SagaFacts | Told | None:
    if history.order.state != "completed" or at is None:
        return None
    profile = profile_sold(history, tables)
    if profile is None:
        return Told(at, None, "nobody knows what the service was sold as")
    return _facts(history, profile, at, standing)


_FACTS: Mapping[OrderType, Callable[[OrderHistory, MarketTables], SagaFacts | Told | None]] = {
    "new": _start_facts,
    "change": _change_facts,
    "move": _change_facts,
    "cease": _end_facts,
}


def _amended(facts: SagaFacts, history: OrderHistory, tables: MarketTables) -> SagaFacts:
    """What a person is asked to accept where another tier was installed; see ``hub.sagas.gating``."""
    installed = None if history.completion is None else history.completion.installed_offering_id
    block = tables.network.elements.get(facts.line.element)
    if installed is None or installed == facts.profile.offering_id or block is None:
        return facts
    profile = with_tier(tables.network, facts.profile, tables.market.id, block.variant or "", installed)
    if profile is None:
        return facts
    return facts.model_copy(update={"profile": profile, "installed_offering_id": profile.offering_id})


def _telling(kind: SagaKind, command: str, facts: SagaFacts, tables: MarketTables) -> Mapping[str, FieldValue] | None:
    if facts.verified_at is None:
        return None
    what: Proven = proven(facts, tables.market, tables.offerings, facts.verified_at)
    first = next(each for each in tellings_of(kind, facts) if each.name == command)
    return first.fields(what)


def _facts(history: OrderHistory, profile: ProvisioningProfile, at: datetime, standing: Standing) -> SagaFacts:
    """What the saga would know at its end, as all systems tell it."""
    order, device = history.order, history.device
    element = "unknown" if device is None else device.element
    port = "unknown" if device is None or device.port is None else device.port
    return SagaFacts(
        line=Line(
            service_id=order.account_number,
            market=order.market,
            element=element,
            port=port,
            serial=None if device is None else device.serial,
            username=f"{element} {port}",
        ),
        profile=profile,
        standing=standing,
        order_number=order.order_number,
        account_number=order.account_number,
        subscription_id=None if order.order_type == "new" else "unknown",
        effective_on=order.effective_on if standing == "ended" else None,
        working_since=at if standing == "active" else None,
        verified_at=at,
        evidence=(Evidence(kind="ont_ranged", seen_at=at, said="seen by its element"),) if device else (),
        work_order_id=None if history.completion is None else history.completion.work_order_id,
        installed_offering_id=profile.offering_id,
    )


def _working_since(history: OrderHistory) -> datetime:
    """When the service was first seen to work: its device came up, with the technician still there or just gone.

    A device that came up long after its job was done has been off in between: the job is what proves the beginning.
    """
    done, device = history.completion, history.device
    if done is None:
        raise ValueError(f"order {history.order.order_number} has no completion")
    at, since = done.completed_at, None if device is None else device.registered_since
    return since if since is not None and at - _BEFORE_LEAVING <= since <= at else at
