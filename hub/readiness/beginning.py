"""Make every open order of a market ready, or one of them: what a flow calls again and again.

Orders of new services, and moves, get their line, their device and their job; what else is ordered of a service
that is there is begun as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from canonical_model.errors import ConfigurationError
from canonical_model.markets import Market
from canonical_model.orders import ProductOrder
from handoffs.stages import Authority, Handoff
from hub.readiness.changing import CHANGES, done_as_ordered
from hub.readiness.giving_up import give_up_called_off
from hub.readiness.making import NEEDS_A_LINE, made_ready
from hub.readiness.market_view import MarketView, market_view
from hub.readiness.order_records import OrderRecords, open_orders, order_records
from hub.readiness.outcome import Readiness, Wishes
from hub.readiness.qualifying import known_market
from hub.readiness.releasing import Released, release_dead
from hub.readiness.service_orders import service_orders
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
        awaiting: orders whose job field service has not shown yet, or not done, and those whose day has not come.
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
    """Make every open order ready that has no saga yet, the first that was placed first.

    What cannot be made ready is looked at again each time, and told once: it goes on by itself as soon as its address
    is built, its device has come in, or whatever was in its way is not any more.

    Args:
        hub: the operator's hub.
        market_id: whose orders.
        now: when this happens.
        may_act: who may act.
        most: orders looked at, at most, and as many that are about a service.

    Raises:
        ConfigurationError: there is no such market, or no system takes a job of it.
        RetryableError: the database is out of reach; what was done stays.
    """
    market = known_market(hub, market_id)
    give_up_called_off(hub, market.id, now)
    outcome = ReadyOutcome(released=release_dead(hub, market.id, now, may_act))
    with hub.database.reading() as connection:
        begun = orders_with_sagas(connection, market.id)
        held = frozenset(each.order_number for each in held_orders(connection, market.id))
        lines = [each for each in open_orders(connection, market.id, NEEDS_A_LINE) if each.order_number not in begun]
        changes = [each for each in open_orders(connection, market.id, CHANGES) if each.order_number not in begun]
    this = _Round(hub, market, now, may_act, held, outcome)
    this.begin_lines(lines[:most])
    this.begin_changes(changes[:most])
    this.note_what_is_left()
    if outcome.not_ours:
        outcome.taken_on = take_on(hub, market, now, may_act)
    return outcome


@dataclass(slots=True)
class _Round:
    """One look at a market's open orders.

    Attributes:
        held: numbers of orders of which it is known that they cannot be made ready.
        left: paths of orders that are the legacy system's, whatever becomes known of them later.
    """

    hub: Hub
    market: Market
    now: datetime
    may_act: MayAct
    held: frozenset[str]
    outcome: ReadyOutcome
    left: list[WorkPath] = field(default_factory=list)

    def begin_lines(self, orders: Sequence[ProductOrder]) -> None:
        """Make orders ready that need a line, a device and a technician."""
        known, view = _read(self.hub, self.market, orders)
        with self.hub.database.reading() as connection:
            agreed = consents(connection, self.market.id, [each.order_number for each in orders])
            moves = service_orders(connection, self.market.id, [each for each in orders if each.order_type == "move"])
        for order in orders:
            number = order.order_number
            wishes = Wishes(consent=agreed.get(number))
            ready = made_ready(self.hub, known[number], view, self.now, self.may_act, wishes, moves.get(number))
            self._sort_in(order, ready)

    def begin_changes(self, orders: Sequence[ProductOrder]) -> None:
        """Do what orders want of lines that are there."""
        with self.hub.database.reading() as connection:
            known = service_orders(connection, self.market.id, orders)
        for order in orders:
            ready = done_as_ordered(self.hub, known[order.order_number], self.now, self.may_act)
            self._sort_in(order, ready)

    def note_what_is_left(self) -> None:
        """Write the paths down of what is the legacy system's."""
        if self.left:
            with self.hub.database.writing() as connection:
                note_paths(connection, self.left)

    def _leave_to(self, order: ProductOrder, provisions: Authority) -> None:
        """Leave an order to whoever provisions it, who bills it as well where it is about a service that is there."""
        if not provisions.is_begun:
            self._leave(order, "order_to_provisioning", provisions)
        if order.order_type != "new":
            bills = self.may_act(self.market.id, "field_to_billing", f"order/{order.order_number}")
            if bills.actor == "hub" and not bills.is_begun:
                self._leave(order, "field_to_billing", replace(bills, reason=provisions.reason))

    def _leave(self, order: ProductOrder, handoff: Handoff, side: Authority) -> None:
        work = f"order/{order.order_number}"
        self.left.append(WorkPath(self.market.id, handoff, work, "legacy", side.epoch, self.now, side.reason))

    def _sort_in(self, order: ProductOrder, ready: Readiness) -> None:
        if ready.authority is not None:
            self._leave_to(order, ready.authority)
        was_held = ready.order_number in self.held
        is_news = _noted(self.hub, self.market, ready, self.now, was_held=was_held)
        outcome = self.outcome
        if ready.state == "begun":
            outcome.begun.append(ready)
        elif ready.state in ("awaits_job", "awaits_day"):
            outcome.awaiting.append(ready)
        elif ready.state == "not_ours":
            outcome.not_ours.append(ready.order_number)
        elif ready.state == "stopped":
            outcome.stopped.append(ready.order_number)
        elif ready.state == "held" and is_news:
            outcome.told.append(ready)
        elif ready.state == "held":
            outcome.still_held.append(ready.order_number)


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
    market, wanted = known_market(hub, orders[0].market), wishes or Wishes()
    number = orders[0].order_number
    with hub.database.reading() as connection:
        about = {} if orders[0].order_type == "new" else service_orders(connection, market.id, orders)
    if orders[0].order_type in CHANGES:
        ready = done_as_ordered(hub, about[number], now, may_act, again=wanted.again)
        _noted(hub, market, ready, now, was_held=True)
        return ready
    known, view = _read(hub, market, orders)
    wanted = _with_consent(hub, market.id, order_number, wanted, now)
    ready = made_ready(hub, known[number], view, now, may_act, wanted, about.get(number))
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
