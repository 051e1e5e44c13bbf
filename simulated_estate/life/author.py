"""One account in the making: the pages on which events are written down, and the book that comes of them."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from simulated_estate.cycles import Cycles
from simulated_estate.life import people
from simulated_estate.life.fieldwork import Attendance
from simulated_estate.life.records import (
    AS_USUAL,
    Completion,
    CutOver,
    Dealings,
    Device,
    InvoiceLine,
    ItemAction,
    Job,
    JobKind,
    Life,
    Movement,
    Order,
    OrderKind,
    OrderState,
    PartnerLine,
    Placed,
    Premise,
    PriceException,
    Segment,
    Service,
)
from simulated_estate.life.stage import Stage
from simulated_estate.life.truth import taken_over, true_belief


@dataclass(slots=True)
class Author:
    """What is known of an account so far; ``life.events`` writes into it, in the order in which things happened.

    Attributes:
        device: the access device in use.
        earlier: services of the account that came before the one that is told of, or are there beside it.
        left_behind: devices of the past, or of those services, that their element still lists.
        movements: what the store room wrote down of the account's devices (``life.stockroom``).
        invoices: what contractors asked for its jobs.
        partner_lines: what partners asked for its line and its add-ons.
        cut_over: its move to another billing system.
        is_forgotten: whether the element no longer lists the device.
        has_bills: whether the service is to be billed; an approved courtesy account is not.
        bill_day: day of the month on which it is billed for the month before.
        cycles: its bill cycles, where it is not billed by calendar months.
    """

    stage: Stage
    segment: Segment = "residential"
    premises: list[Premise] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    exceptions: list[PriceException] = field(default_factory=list)
    service: Service | None = None
    earlier: list[Service] = field(default_factory=list)
    device: Device | None = None
    router: Placed | None = None
    left_behind: list[Device] = field(default_factory=list)
    movements: tuple[Movement, ...] = ()
    invoices: tuple[InvoiceLine, ...] = ()
    partner_lines: tuple[PartnerLine, ...] = ()
    cut_over: CutOver | None = None
    is_forgotten: bool = False
    has_bills: bool = True
    bill_day: int = 1
    cycles: Cycles = ()
    dealings: Dealings = AS_USUAL
    account: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        stage = self.stage
        self.account = stage.numbers.account()
        named = people.person if self.segment == "residential" else people.company
        self.name = "Lumen Valley Operations" if self.segment == "internal" else named(stage.rng)
        if not self.premises:
            self.premises.append(people.premise(stage.rng, stage.numbers, stage.market))

    def in_service(self) -> tuple[Service, Device]:
        """The service and the device it uses.

        Raises:
            ValueError: the plot tells of a service that was never installed.
        """
        if self.service is None or self.device is None:
            raise ValueError(f"account {self.account} has no service yet")
        return self.service, self.device

    @property
    def tier(self) -> str:
        """The access offering that is delivered now."""
        return self.in_service()[0].tiers[-1][1]

    @property
    def base_order(self) -> str:
        """The order that brought the service to where it is; jobs without an order of their own name it."""
        return next(
            order.number
            for order in reversed(self.orders)
            if order.kind in ("New", "Move") and order.state == "completed"
        )

    @property
    def promotion_end(self) -> date:
        """The day on which the promised discount is over.

        Raises:
            ValueError: there is none.
        """
        promotion = self.in_service()[0].promotion
        if promotion is None or promotion.end is None:
            raise ValueError(f"account {self.account} was promised no discount")
        return promotion.end

    def order(
        self,
        kind: OrderKind,
        effective: date,
        completed: datetime | None,
        items: tuple[tuple[str, ItemAction], ...],
        offering: str | None = None,
        lead_days: int = 12,
    ) -> Order:
        """Write an order down, placed up to so many days before it takes effect; not completed, it is open."""
        created = self.stage.moment(effective - timedelta(days=self.stage.rng.randint(0, lead_days)), 6, 7)
        number, premise = self.stage.numbers.order(), len(self.premises) - 1
        state: OrderState = "open" if completed is None else "completed"
        order = Order(number, kind, state, premise, created, effective, completed, items, offering)
        self.orders.append(order)
        return order

    def job(self, kind: JobKind, order: str, visits: Attendance, done: Completion) -> Job:
        """Write a finished job down."""
        created = visits.scheduled - timedelta(days=self.stage.rng.randint(0, 6), minutes=30)
        asked = next((known.created for known in self.orders if known.number == order), created)
        created = max(created, asked + timedelta(minutes=10))  # nobody plans work before it was ordered
        number, premise = self.stage.numbers.job(), len(self.premises) - 1
        job = Job(number, order, kind, "completed", premise, created, visits.scheduled, visits.visits, done)
        self.jobs.append(job)
        return job

    def approver(self) -> str:
        """Somebody who may approve exceptions."""
        return self.stage.rng.choice(("m.holm", "r.vance", "s.thorne"))

    def begin_another(self, *, at_another_premise: bool, keeps_device: bool = False) -> None:
        """Turn to another service of the account; the one told of so far stays as it is.

        Args:
            at_another_premise: the new one will be somewhere else.
            keeps_device: the device goes over to the new service, so that nobody lists it twice.
        """
        service, device = self.in_service()
        self.earlier.append(service)
        if not self.is_forgotten and not keeps_device:
            self.left_behind.append(device)
        self.service = self.router = None
        self.device = device if keeps_device else None
        self.is_forgotten = False
        if at_another_premise:
            stage = self.stage
            self.premises.append(people.premise(stage.rng, stage.numbers, stage.market))

    def amend_order(self, order: Order) -> None:
        """Put another version in the place of the order with this number."""
        self.orders = [order if known.number == order.number else known for known in self.orders]

    def amend_service(self, **changes: object) -> None:
        """Change what is delivered or promised."""
        self.service = replace(self.in_service()[0], **changes)  # type: ignore[arg-type]

    def amend_device(self, **changes: object) -> None:
        """Change what the network shows of the device in use."""
        self.device = replace(self.in_service()[1], **changes)  # type: ignore[arg-type]

    def finish(self) -> Life:
        """Close the book."""
        delivered = (*self.earlier, *((self.service,) if self.service else ()))
        in_use = () if self.device is None or self.is_forgotten else (self.device,)
        billable = delivered if self.has_bills else ()
        truth = true_belief(self.account, self.stage.market.id, billable, self.stage.numbers)
        if self.cut_over is not None:
            truth = taken_over(truth, self.cut_over.day, self.stage.numbers)
        cycle = tuple(replace(one, bill_day=self.bill_day) for one in truth.subscriptions)
        return Life(
            self.account,
            self.stage.market,
            self.segment,
            self.name,
            tuple(self.premises),
            tuple(self.orders),
            tuple(self.jobs),
            (*self.left_behind, *in_use),
            tuple(self.exceptions),
            self.service,
            replace(truth, subscriptions=cycle, cycles=self.cycles),
            self.dealings,
            tuple(self.earlier),
            self.movements,
            self.invoices,
            self.partner_lines,
            self.cut_over,
        )
