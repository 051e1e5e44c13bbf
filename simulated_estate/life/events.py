"""What can happen to a customer, each event told to all who take part in it: order, job, device and service."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from simulated_estate.belief import Fee, FixedRate
from simulated_estate.catalogue import (
    EARLY_END_FEE,
    LOYALTY,
    MESH,
    OUTLET_FEE,
    RECONNECT_FEE,
    RENTAL,
    VISIT_FEE,
)
from simulated_estate.life import people
from simulated_estate.life.author import Author
from simulated_estate.life.devices import hung_at, live_device
from simulated_estate.life.fieldwork import CUSTOMERS_OWN, OUTLET, Attendance, attend, report
from simulated_estate.life.records import (
    Completion,
    Device,
    ItemAction,
    JobKind,
    Order,
    Placed,
    PriceException,
    Service,
    Term,
)
from simulated_estate.life.stockroom import fetched_after, hand_out, take_back
from simulated_estate.life.wish import Wish, charged_with, promised
from simulated_estate.months import add_months, next_month

Dark = Literal["absent", "down", "walled"]
"""How a line without traffic looks: gone from the element, down, or up behind a wall."""
MESH_MODEL = "WM-7"
"""What the store room calls a mesh router."""
_CLOSED_AFTER = timedelta(minutes=5)


def place(author: Author, appointment: date, wish: Wish, lead_days: int = 25) -> Order:
    """Take a new customer's order, and nothing else yet."""
    order = author.order("New", appointment, None, wish.items(), wish.ordered_offering, lead_days)
    order = replace(order, promotion=wish.promotion, fee_waived=wish.is_fee_waived, term_months=wish.term_months)
    author.amend_order(order)
    return order


def install(
    author: Author,
    on: date,
    wish: Wish,
    *,
    appointment: date | None = None,
    sync_days: int = 0,
    lead_days: int = 25,
) -> None:
    """Sell, install and switch on; an earlier appointment failed, a late report comes ``sync_days`` afterwards.

    A device that is there from an earlier service of the account is switched on again.
    """
    order = place(author, appointment or on, wish, lead_days)
    visits = attend(author.stage, on, appointment)
    device = _fresh_device(author, wish.offering, visits.finished)
    if author.device is not None:
        device = replace(device, serial=author.device.serial)
    author.device = device
    if wish.router:
        author.router = Placed("router", author.stage.numbers.mac("router"), wish.router)
    done = report(author.stage, visits.finished, wish.offering, _kit(author, device), sync_days)
    author.amend_order(replace(order, state="completed", completed=done.received + _CLOSED_AFTER))
    _work(author, "install", order.number, visits, done)
    known_on = done.received.date()
    author.service = Service(
        start=on,
        end=None,
        tiers=((on, wish.offering),),
        moves=(),
        extras=wish.extras(on),
        promotion=promised(wish.promotion, on),
        suspensions=(),
        rates=(),
        is_fee_due=not wish.is_fee_waived,
        first_bill=next_month(known_on) if known_on >= next_month(on) else None,
        opened_by=order.number,
        term_months=wish.term_months,
    )


def remote_change(author: Author, on: date, offering: str, hours: tuple[int, int] = (8, 18)) -> None:
    """Change the tier by order, without a visit."""
    moment = author.stage.moment(on, *hours)
    author.order("Change", on, moment, ((offering, "modify"),), offering, lead_days=3)
    retune(author, on, offering, moment)


def site_change(author: Author, on: date, offering: str, *, is_ordered: bool, sync_days: int = 0) -> None:
    """Change the tier at the customer's door, by order or by the technician's own hand."""
    visits = attend(author.stage, on)
    done = report(author.stage, visits.finished, offering, (), sync_days)
    number = author.base_order
    if is_ordered:
        closed = done.received + _CLOSED_AFTER
        number = author.order("Change", on, closed, ((offering, "modify"),), offering).number
    _work(author, "change", number, visits, done)
    retune(author, on, offering, visits.finished - timedelta(minutes=15))


def retune(author: Author, on: date, offering: str, moment: datetime) -> None:
    """Deliver another tier from a day on, whoever knows of it."""
    service, _ = author.in_service()
    tiers = [tier for tier in service.tiers if tier[0] != on]
    if not tiers or tiers[-1][1] != offering:
        tiers.append((on, offering))
    author.amend_service(tiers=tuple(tiers))
    author.amend_device(offering=offering, profile_since=moment.astimezone(UTC))


def add(author: Author, on: date, product: str) -> None:
    """Order an add-on for a running service."""
    items: tuple[tuple[str, ItemAction], ...] = ((author.tier, "no_change"), (product, "add"))
    author.order("Change", on, author.stage.moment(on), items, lead_days=3)
    terms = tuple(Term(charged, on, None) for charged in charged_with(product))
    author.amend_service(extras=author.in_service()[0].extras + terms)


def multiply(author: Author, product: str, quantity: int) -> None:
    """Several of an add-on that the last order brings."""
    author.amend_order(replace(author.orders[-1], quantities=((product, quantity),)))
    extras = author.in_service()[0].extras
    author.amend_service(
        extras=tuple(replace(term, quantity=quantity) if term.product == product else term for term in extras)
    )


def drop(author: Author, on: date, product: str) -> None:
    """Give an add-on up."""
    items: tuple[tuple[str, ItemAction], ...] = ((author.tier, "no_change"), (product, "delete"))
    author.order("Change", on, author.stage.moment(on), items, lead_days=3)
    gone = charged_with(product)
    extras = author.in_service()[0].extras
    author.amend_service(extras=tuple(replace(term, end=on) if term.product in gone else term for term in extras))


def move(author: Author, on: date, *, has_new_device: bool) -> None:
    """Go on at another premise from a day on, with the old device or a new one."""
    service, device = author.in_service()
    stage = author.stage
    author.premises.append(people.premise(stage.rng, stage.numbers, stage.market))
    visits = attend(stage, on)
    if has_new_device:
        _leave_behind(author, device, visits.finished)
        device = _fresh_device(author, author.tier, visits.finished)
    author.device = device = hung_at(device, stage.market, author.premises[-1])
    done = report(stage, visits.finished, author.tier, _kit(author, device))
    closed = done.received + _CLOSED_AFTER
    order = author.order("Move", on, closed, ((author.tier, "no_change"),), author.tier)
    _work(author, "move", order.number, visits, done)
    author.amend_service(moves=(*service.moves, on))


def repair(author: Author, on: date, *, has_new_device: bool, cause: str | None = None) -> None:
    """Mend something, perhaps with another device for the same service."""
    _, device = author.in_service()
    visits = attend(author.stage, on, cause=cause)
    placed: tuple[Placed, ...] = ()
    if has_new_device:
        _leave_behind(author, device, visits.finished)
        author.device = device = _fresh_device(author, author.tier, visits.finished)
        placed = _kit(author, device)[:1]
    done = report(author.stage, visits.finished, author.tier, placed)
    _work(author, "repair", author.base_order, visits, done)


def bring_own_router(author: Author, on: date) -> None:
    """Have a technician connect the customer's own router; the rented one goes, and its rental with it."""
    stage = author.stage
    visits = attend(stage, on)
    take_back(author, [author.router], visits.finished + timedelta(hours=3))
    author.router = Placed("router", stage.numbers.mac("router"), "customer")
    done = report(stage, visits.finished, author.tier, (author.router,))
    _work(author, "repair", author.base_order, visits, done)
    _end_rental(author, on)


def hand_router_in(author: Author, on: date) -> None:
    """Bring the rented router to the counter, which ends its rental."""
    take_back(author, [author.router], author.stage.moment(on))
    author.router = None
    _end_rental(author, on)


def upgrade_router(author: Author, on: date) -> None:
    """Leave a mesh router in the place of the rented one, at the rental of its own."""
    stage = author.stage
    visits = attend(stage, on)
    take_back(author, [author.router], visits.finished + timedelta(hours=3))
    author.router = Placed("router", stage.numbers.mac("router"), "leased", MESH_MODEL)
    done = report(stage, visits.finished, author.tier, (author.router,))
    _work(author, "repair", author.base_order, visits, done)
    _end_rental(author, on)
    author.amend_service(extras=(*author.in_service()[0].extras, Term(MESH, on, None)))


def _end_rental(author: Author, on: date) -> None:
    extras = author.in_service()[0].extras
    author.amend_service(extras=tuple(replace(term, end=on) if term.product == RENTAL else term for term in extras))


def visit_for_own_equipment(author: Author, on: date) -> None:
    """Send a truck for what turns out to be the customer's own, who has to pay for it."""
    repair(author, on, has_new_device=False, cause=CUSTOMERS_OWN)
    _owe(author, Fee(VISIT_FEE, on))


def add_outlets(author: Author, on: date, count: int, code: str = OUTLET) -> None:
    """Do more on a visit than was ordered; outlets are charged, other tasks are not."""
    visits = attend(author.stage, on)
    done = replace(report(author.stage, visits.finished, author.tier, ()), tasks=((code, count),))
    _work(author, "change", author.base_order, visits, done)
    if code == OUTLET:
        _owe(author, Fee(OUTLET_FEE, on, count))


def _owe(author: Author, fee: Fee) -> None:
    author.amend_service(fees=(*author.in_service()[0].fees, fee))


def suspend(author: Author, on: date, until: date | None, dark: Dark = "down", traffic_days: int = 0) -> None:
    """Cut the customer off for not paying, until a day or for good; the network follows ``traffic_days`` later.

    Being connected again is charged.
    """
    service, _ = author.in_service()
    fees = () if until is None else (Fee(RECONNECT_FEE, until),)
    author.amend_service(suspensions=(*service.suspensions, (on, until)), fees=(*service.fees, *fees))
    if until is None:
        author.dealings = replace(author.dealings, unpaid=3)
        darken(author, on + timedelta(days=traffic_days), dark)


def cease(
    author: Author,
    on: date,
    *,
    disconnect_on: date | None = None,
    is_live: bool = False,
    dark: Dark = "down",
) -> None:
    """End the service on a day; with ``is_live`` only the order says so and the network goes on."""
    order = author.order("Cease", on, author.stage.moment(on), ((author.tier, "delete"),), lead_days=20)
    if not is_live:
        service, _ = author.in_service()
        months = months_left(service, on)
        fees = (Fee(EARLY_END_FEE, on, months),) if months else ()
        author.amend_service(end=on, fees=(*service.fees, *fees))
        darken(author, disconnect_on or on, dark)
        for placed in _kit(author, author.in_service()[1]):
            left = author.stage.market.noon(disconnect_on or on)
            take_back(
                author, [placed], left + timedelta(days=1) if disconnect_on else fetched_after(placed.serial, left)
            )
    if disconnect_on is not None:
        visits = attend(author.stage, disconnect_on)
        done = report(author.stage, visits.finished, None, ())
        _work(author, "disconnect", order.number, visits, done)


def months_left(service: Service, on: date) -> int:
    """Months of the term, begun or whole, that are left on a day."""
    months = service.term_months or 0
    end = add_months(service.start, months)
    return sum(add_months(on, number) < end for number in range(months + 1))


def darken(author: Author, on: date, dark: Dark) -> None:
    """Let the last traffic pass in the small hours of a day."""
    last = author.stage.moment(on, 0, 6).astimezone(UTC)
    author.is_forgotten = dark == "absent"
    author.amend_device(state="up" if dark == "walled" else "down", last_traffic=last)


def override(author: Author, rate: Decimal, start: date, end: date | None = None) -> None:
    """Grant the present offering a monthly rate of its own."""
    service, _ = author.in_service()
    author.amend_service(rates=(*service.rates, (author.tier, FixedRate(rate, start, end))))
    exception = PriceException("price_override", author.tier, rate, start, end, author.approver())
    author.exceptions.append(exception)


def grant(author: Author, rate: Decimal, start: date, end: date) -> None:
    """Give a discount until a day, to somebody who wanted to leave."""
    service, _ = author.in_service()
    author.amend_service(extras=(*service.extras, Term(LOYALTY, start, end, rate)))
    author.exceptions.append(PriceException("loyalty_credit", LOYALTY, rate, start, end, author.approver()))


def _work(author: Author, kind: JobKind, order: str, visits: Attendance, done: Completion) -> None:
    """Write a finished job down; what it left came out of the store room that morning."""
    job = author.job(kind, order, visits, done)
    hand_out(author, done.devices, job.number, visits.visits[-1].scheduled)


def _fresh_device(author: Author, offering: str, seen: datetime) -> Device:
    """A device that comes up at the premise shortly before the technician is done, and stays up."""
    up_at = seen - timedelta(minutes=author.stage.rng.randint(20, 40))
    return live_device(author.stage, offering, up_at, author.premises[-1])


def _kit(author: Author, device: Device) -> tuple[Placed, ...]:
    """What stands at the premise: the access device first, then a router."""
    placed = _access_device(author, device)
    return (placed,) if author.router is None else (placed, author.router)


def _access_device(author: Author, device: Device) -> Placed:
    return Placed(author.stage.market.device_kind, device.serial, "leased")


def _leave_behind(author: Author, device: Device, moment: datetime) -> None:
    """A device that was taken out and brought back; every other element keeps listing it."""
    take_back(author, [_access_device(author, device)], moment + timedelta(hours=3))
    if author.stage.chance(0.5):
        gone = moment.astimezone(UTC) - timedelta(hours=author.stage.rng.randint(2, 30))
        author.left_behind.append(replace(device, state="down", last_traffic=max(gone, device.registered)))
