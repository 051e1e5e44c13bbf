"""A subscriber's life as plain frozen data: what was ordered, done, installed and delivered.

Days are local days of the market and intervals half open; moments are aware datetimes in the market's zone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from simulated_estate.belief import Belief, Days, Fee, FixedRate
from simulated_estate.markets import Market

Segment = Literal["residential", "business", "internal"]
OrderKind = Literal["New", "Change", "Move", "Cease"]
OrderState = Literal["draft", "open", "completed", "cancelled"]
ItemAction = Literal["add", "modify", "delete", "no_change"]
JobKind = Literal["install", "change", "repair", "move", "disconnect"]
JobState = Literal[
    "new", "scheduled", "dispatched", "on_site", "on_hold", "completed", "cannot_complete", "cancelled"
]
DeviceState = Literal["up", "down", "discovered"]


@dataclass(frozen=True, slots=True)
class Premise:
    """A place that the network can reach; ``hub`` and ``terminal`` say from where."""

    number: int
    house: int
    street: str
    kind: str
    unit: str
    postal_code: str
    latitude: Decimal
    longitude: Decimal
    hub: str
    terminal: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was placed; ``items`` are (product, action) beside and including the access offering.

    ``offering`` is None where the order leaves the access offering alone; ``quantities`` are those that are not 1.
    """

    number: str
    kind: OrderKind
    state: OrderState
    premise: int
    created: datetime
    effective: date
    completed: datetime | None
    items: tuple[tuple[str, ItemAction], ...]
    offering: str | None = None
    promotion: str | None = None
    fee_waived: bool = False
    term_months: int | None = None
    quantities: tuple[tuple[str, int], ...] = ()
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One truck at the door."""

    scheduled: datetime
    arrived: datetime | None
    left: datetime | None
    outcome: Literal["done", "return_needed", "no_access", "cancelled", "open"]
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A device that the technician wrote down; ``serial`` in canonical spelling.

    ``model`` is what the store room calls it; empty for the usual one of its kind.
    """

    kind: Literal["ont", "nid", "sm", "router"]
    serial: str
    ownership: Literal["leased", "customer"]
    model: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """A device that came into stock or left it; ``job`` is the number of the work order that it was issued for."""

    placed: Placed
    what: Literal["received", "issued", "returned", "written_off"]
    moment: datetime
    job: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """The report of a finished job.

    Attributes:
        received: when the tablet found coverage.
        tasks: task codes and how many of each.
    """

    completed: datetime
    received: datetime
    offering: str | None
    devices: tuple[Placed, ...]
    technician: str
    crew: str
    notes: str = ""
    tasks: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A work order.

    Attributes:
        order_text: set where somebody mistyped the order's number.
        line_test: when the line was tested from afar before anybody was sent, and with what verdict.
    """

    number: int
    order: str
    kind: JobKind
    state: JobState
    premise: int
    created: datetime
    scheduled: datetime
    visits: tuple[Visit, ...]
    completion: Completion | None = None
    expected_serial: str | None = None
    order_text: str | None = None
    line_test: tuple[datetime, Literal["passed", "failed", "inconclusive"]] | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its network element knows it at the end of the story; a locked one was taken out of service."""

    serial: str
    element: str
    port: str
    state: DeviceState
    offering: str | None
    registered: datetime
    profile_since: datetime | None
    last_traffic: datetime | None
    rx_dbm: Decimal | None
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What a contractor asks for a job: so many of what a rate code stands for."""

    invoice: str
    line: int
    contractor: str
    job: int
    code: str
    quantity: int
    cents: int
    day: date


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """What a partner asks for a customer for a month; without a product it is for the access line."""

    invoice: str
    line: int
    partner: str
    product: str | None
    start: date
    end: date
    cents: int


@dataclass(frozen=True, slots=True)
class PriceException:
    """An approved departure from the price list; ``end`` is exclusive."""

    kind: Literal[
        "price_override", "promo_extension", "fee_waiver", "courtesy_account", "loyalty_credit", "vacation_hold"
    ]
    code: str | None
    amount: Decimal | None
    start: date
    end: date | None
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """A product on some days; ``rate`` where its price is agreed each time."""

    product: str
    start: date
    end: date | None
    rate: Decimal | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Service:
    """What was truly delivered and promised.

    Attributes:
        tiers: (from this day on, access offering), oldest first, no two alike in a row.
        moves: days on which it went on at another premise.
        extras: rentals, add-ons and bundles.
        promotion: the promised discount and its days, extensions included.
        rates: (access offering, approved monthly rate).
        is_fee_due: whether installation is charged.
        fees: what else is charged once.
        term_months: months from its start for which the customer is bound.
        first_bill: date of the first bill that can know of it, where a report came late.
        opened_by: number of the order that brought it.
        location: number of its premise, where billing keeps one for it.
    """

    start: date
    end: date | None
    tiers: tuple[tuple[date, str], ...]
    moves: tuple[date, ...]
    extras: tuple[Term, ...]
    promotion: Term | None
    suspensions: tuple[Days, ...]
    rates: tuple[tuple[str, FixedRate], ...]
    is_fee_due: bool
    first_bill: date | None = None
    opened_by: str = ""
    location: int | None = None
    fees: tuple[Fee, ...] = ()
    term_months: int | None = None


@dataclass(frozen=True, slots=True)
class Dealings:
    """What was done with an account's bills once they were made.

    Attributes:
        unpaid: how many of the latest bills nobody paid.
        goodwill: an apology in money that has nothing to do with any charge.
        held_on: date of a bill that was made and never sent.
        strays: payments that name no bill: day, and amount.
        promises: credits that customer care approved in a case: day, and amount.
    """

    unpaid: int = 0
    goodwill: Decimal | None = None
    held_on: date | None = None
    strays: tuple[tuple[date, Decimal], ...] = ()
    promises: tuple[tuple[date, Decimal], ...] = ()


AS_USUAL = Dealings()

BalanceKind = Literal["receivable", "deposit", "unapplied"]


@dataclass(frozen=True, slots=True)
class CutOver:
    """The move of an account from one billing system to the other.

    Attributes:
        day: the first day that the new system bills.
        wave: the lot of accounts that are moved together.
        serial: the access device that the new system was told of; None where it was told of none.
        left: balances in cents with which the old system closed the account, as the day began.
        found: those with which the new one opened it, as the next day began.
        posted: cents that came in on that day and were posted in the new system.
    """

    day: date
    wave: str
    serial: str | None = None
    left: tuple[tuple[BalanceKind, int], ...] = ()
    found: tuple[tuple[BalanceKind, int], ...] = ()
    posted: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """One account: who, where, and all that happened.

    Attributes:
        service: what was delivered, the last of several; None where nothing ever was.
        earlier: services of the account before that one, or beside it.
        movements: what the store room knows of its devices.
        invoices: what contractors asked for jobs done there.
        partner_lines: what partners asked for its line and its add-ons.
        truth: what a perfect billing system would bill.
        dealings: what was done with the bills once they were made.
        cut_over: its move to another billing system.
    """

    account: str
    market: Market
    segment: Segment
    name: str
    premises: tuple[Premise, ...]
    orders: tuple[Order, ...]
    jobs: tuple[Job, ...]
    devices: tuple[Device, ...]
    exceptions: tuple[PriceException, ...]
    service: Service | None
    truth: Belief
    dealings: Dealings = AS_USUAL
    earlier: tuple[Service, ...] = ()
    movements: tuple[Movement, ...] = ()
    invoices: tuple[InvoiceLine, ...] = ()
    partner_lines: tuple[PartnerLine, ...] = ()
    cut_over: CutOver | None = None
