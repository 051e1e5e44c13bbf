"""Make every open order of a market ready, or one of them: what a flow calls again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from canonical_model.errors import ConfigurationError
from canonical_model.markets import Market
from canonical_model.orders import ProductOrder
from handoffs.stages import Authority
from hub.readiness.giving_up import give_up_called_off
from hub.readiness.making import made_ready
from hub.readiness.market_view import MarketView, market_view
from hub.readiness.order_records import OrderRecords, open_orders, order_records
from hub.readiness.outcome import Readiness, Wishes
from hub.readiness.qualifying import known_market
from hub.readiness.releasing import Released, release_dead
from hub.takeover.authority import MayAct
from hub.takeover.taking_on import TakenOn, take_on
from hub.workplace import Hub
from provisioning.unavailability import Unavailability
from storage.current_records import CurrentRecords, current_records
from storage.line_use import orders_with_sagas
from storage.order_consents import consents, note_consent
from storage.readiness_holds import end_hold, held_orders, hold_order
from storage.work_paths import WorkPath, note_paths


@dataclass(slots=True)
class ReadyOutcome:
    """What became of a market's open orders.

    Attributes:
        begun: orders whose saga was begun now.
        awaiting: orders whose job field service has not shown yet.
        told: orders that cannot be made ready, and of which this was not known, or for other reasons.
        still_held: numbers of those of which it was known.
        not_ours: numbers of orders that another provisions.
        released: what was kept in vain.
    """

    begun: list[Readiness] = field(default_factory=list)
    awaiting: list[Readiness] = field(default_factory=list)
    told: list[Readiness] = field(default_factory=list)
    still_held: list[str] = field(default_factory=list)
    not_ours: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    taken_on: TakenOn = field(default_factory=TakenOn)
    released: list[Released] = field(default_factory=list)


def begin_ready(hub: Hub, market_id: str, now: datetime, may_act: MayAct, *, most: int | None = None) -> ReadyOutcome:
    """Make every open order of a new service ready that has no saga yet, the first that was placed first.

    What cannot be made ready is looked at again each time, and told once: it goes on by itself as soon as its address
    is built, its device has come in, or whatever was in its way is not any more.

    Args:
        hub: the operator's hub.
        market_id: whose orders.
        now: when this happens.
        may_act: who may act.
        most: orders looked at, at most.

    Raises:
        ConfigurationError: there is no such market, or no system takes a job of it.
        RetryableError: the database is out of reach; what was done stays.
    """
    market = known_market(hub, market_id)
    give_up_called_off(hub, market.id, now)
    outcome = ReadyOutcome(released=release_dead(hub, market.id, now, may_act))
    with hub.database.reading() as connection:
        begun = orders_with_sagas(connection, market.id)
        orders = [each for each in open_orders(connection, market.id) if each.order_number not in begun][:most]
        held = {each.order_number for each in held_orders(connection, market.id)}
    known, view = _read(hub, market, orders)
    with hub.database.reading() as connection:
        agreed = consents(connection, market.id, [each.order_number for each in orders])
    foreign = []
    for order in orders:
        wishes = Wishes(consent=agreed.get(order.order_number))
        ready = made_ready(hub, known[order.order_number], view, now, may_act, wishes)
        if ready.authority is not None and not ready.authority.is_begun:
            foreign.append(_legacy_path(market, ready.order_number, ready.authority, now))
        _sorted_in(outcome, ready, is_news=_noted(hub, market, ready, now, was_held=order.order_number in held))
    if foreign:
        with hub.database.writing() as connection:
            note_paths(connection, foreign)
    if outcome.not_ours:
        outcome.taken_on = take_on(hub, market, now, may_act)
    return outcome


def _legacy_path(market: Market, order_number: str, authority: Authority, now: datetime) -> WorkPath:
    """That an order is the legacy system's, whatever becomes known of it later."""
    work = f"order/{order_number}"
    return WorkPath(market.id, "order_to_provisioning", work, "legacy", authority.epoch, now, authority.reason)


def make_ready(
    hub: Hub, order_number: str, now: datetime, may_act: MayAct, wishes: Wishes | None = None
) -> Readiness:
    """Make one order ready; stating the same wish again changes nothing.

    Args:
        hub: the operator's hub.
        order_number: in its compared form.
        now: when this happens.
        may_act: who may act.
        wishes: what a person adds.

    Raises:
        ConfigurationError: there is no such order, several systems have one, or no system takes a job of its market.
        RetryableError: the database is out of reach.
    """
    with hub.database.reading() as connection:
        orders = current_records(connection, ProductOrder, order_number=order_number)
    if not orders:
        raise ConfigurationError(f"there is no order {order_number}: is it pulled?")
    if len(orders) > 1:
        told = ", ".join(f"{each.source} in {each.market}" for each in orders)
        raise ConfigurationError(f"order {order_number} stands for several: {told}")
    market = known_market(hub, orders[0].market)
    known, view = _read(hub, market, orders)
    wanted = _with_consent(hub, market.id, order_number, wishes or Wishes(), now)
    ready = made_ready(hub, known[orders[0].order_number], view, now, may_act, wanted)
    _noted(hub, market, ready, now, was_held=True)
    return ready


def _with_consent(hub: Hub, market: str, order_number: str, wishes: Wishes, now: datetime) -> Wishes:
    """The same with what was noted before; what is said now is noted."""
    if wishes.consent is not None:
        with hub.database.writing() as connection:
            note_consent(connection, market, order_number, wishes.consent, wishes.noted_by, now)
        return wishes
    with hub.database.reading() as connection:
        return replace(wishes, consent=consents(connection, market, [order_number]).get(order_number))


def _read(hub: Hub, market: Market, orders: Sequence[ProductOrder]) -> tuple[dict[str, OrderRecords], MarketView]:
    with hub.database.reading() as connection:
        known = order_records(CurrentRecords(connection, market.id), orders)
        premises = [each.premise for each in known.values() if each.premise is not None]
        expected = {number: each.expected_serial for number, each in known.items() if each.expected_serial}
        return known, market_view(connection, hub, market, premises, list(known), expected)


def _noted(hub: Hub, market: Market, ready: Readiness, now: datetime, *, was_held: bool) -> bool:
    """Write down what is in an order's way, or that nothing is any more; whether it is news."""
    if ready.state == "held":
        with hub.database.writing() as connection:
            return hold_order(
                connection, market.id, ready.order_number, [_plain(each) for each in ready.reasons], now
            )
    if was_held:
        with hub.database.writing() as connection:
            return end_hold(connection, market.id, ready.order_number, now)
    return False


def _plain(reason: Unavailability) -> dict[str, str]:
    return {"code": reason.code, "label": reason.label, "person": reason.person}


def _sorted_in(outcome: ReadyOutcome, ready: Readiness, *, is_news: bool) -> None:
    if ready.state == "begun":
        outcome.begun.append(ready)
    elif ready.state == "awaits_job":
        outcome.awaiting.append(ready)
    elif ready.state == "not_ours":
        outcome.not_ours.append(ready.order_number)
    elif ready.state == "stopped":
        outcome.stopped.append(ready.order_number)
    elif ready.state == "held" and is_news:
        outcome.told.append(ready)
    elif ready.state == "held":
        outcome.still_held.append(ready.order_number)
