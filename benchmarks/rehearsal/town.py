"""One market as it really is: who ordered what, when the technician is there, and what was installed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.rehearsal.beliefs import Beliefs
from benchmarks.rehearsal.operator_folder import TIERS, olt_of
from canonical_model.customers import BillingAccount, Customer
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.stock import StockMovement

PORTS = 48
PLACES = 64
STOCK = 40
"""Devices that are delivered at once, whenever fewer than half as many are left."""
HOME = (41.2, -81.6)


@dataclass(slots=True)
class Work:
    """An order and what becomes of it, as it really is.

    Attributes:
        visit_at: when the technician is done.
        serial: of the device that legacy takes for it.
        number: on the port, where legacy provisions it.
        done_at: when it was installed; None before.
        installed: serial that was installed.
        reserved: device that the hub has reserved, which people read off its page where no job names it.
        billed_by: who told billing, once somebody has.
    """

    market: str
    order: str
    account: str
    tier: str
    ordered_at: datetime
    visit_at: datetime
    port: str
    number: int
    serial: str
    done_at: datetime | None = None
    reserved: str = ""
    installed: str = ""
    billed_by: str = ""
    provisioned_by: str = ""
    job_by: str = ""

    @property
    def name(self) -> str:
        """As the hub's journals call it."""
        return f"order/{self.order}"


@dataclass(slots=True)
class Town:
    """A market: its people and its plant.

    Attributes:
        number: of the market, which begins all of its numbers.
        works: by order.
        waiting: works that are not installed yet.
        unbilled: works that are installed, and of which legacy has not told CRM and billing.
    """

    market: str
    zone: ZoneInfo
    number: int
    chance: Random
    beliefs: Beliefs
    works: dict[str, Work] = field(default_factory=dict)
    waiting: dict[str, Work] = field(default_factory=dict)
    unbilled: dict[str, Work] = field(default_factory=dict)
    delivered: int = 0
    taken: int = 0

    def build(self, at: datetime) -> None:
        """The plant, and the first devices."""
        for place in range(1, PORTS + 1):
            facts = {"hub": "H1", "element": olt_of(self.market), "technology": "pon", "pon_mode": "xgs_pon"}
            name = f"{self.market}-T{place:02}"
            self.beliefs.say(
                AccessTerminal, "fsm", self.market, name, terminal=name, port=f"1/1/{place}", capacity=PLACES,
                port_capacity=PLACES, used=0, observed_at=at, **facts,
            )  # fmt: skip
        self.deliver(at)

    @property
    def by_account(self) -> dict[str, Work]:
        """Works by the account that ordered them."""
        return {work.account: work for work in self.works.values()}

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self.zone).date()

    def deliver(self, at: datetime) -> None:
        """Devices come in, where few are left."""
        if self.delivered - self.taken > STOCK // 2:
            return
        for _ in range(STOCK):
            self.delivered += 1
            serial = f"CXNK{self.number:02X}{self.delivered:06X}"
            facts = {"kind": "ont", "model": "GX-100", "movement": "received", "moved_at": at - timedelta(days=1)}
            self.beliefs.say(StockMovement, "fsm", self.market, f"{serial}/in", serial=serial, **facts)

    def order(self, at: datetime, visit_on: date) -> Work:
        """Somebody orders; a technician comes on a day."""
        place = len(self.works) + 1
        account, order = f"{self.number}1{place:05}", f"{self.number}9{place:05}"
        port = place % PORTS + 1
        hour = time(9 + self.chance.randrange(7), 5 * self.chance.randrange(12))
        visit_at = datetime.combine(visit_on, hour, self.zone)
        tier = self.chance.choice(sorted(TIERS))
        work = Work(
            self.market, order, account, tier, at, visit_at, f"1/1/{port}", PLACES - (place // PORTS),
            f"CXNK{self.number:02X}A{place:05X}",
        )  # fmt: skip
        say, market = self.beliefs.say, self.market
        premise = f"{market}-P{place}"
        where = {
            "city": market.title(),
            "hub": "H1",
            "terminal": f"{market}-T{port:02}",
            "serviceability": "serviceable",
        }
        home = {"latitude": HOME[0], "longitude": HOME[1]}
        say(Customer, "crm", market, account, account_number=account, name=f"Customer {place}", phone="555-0101")
        say(BillingAccount, "crm", market, account, account_number=account, credit_hold=False)
        say(Premise, "crm", market, premise, address=f"{place} Mill Road", **where, **home)
        known = {"order_type": "new", "state": "inProgress", "offering_id": tier, "ordered_at": at}
        say(
            ProductOrder,
            "crm",
            market,
            order,
            order_number=order,
            account_number=account,
            premise_id=premise,
            **known,
        )
        for days, movement in ((9, "received"), (1, "issued")):  # it lies in a truck already, and is nobody else's
            device = {"kind": "ont", "model": "GX-100", "movement": movement, "moved_at": at - timedelta(days=days)}
            say(StockMovement, "fsm", market, f"{work.serial}/{movement}", serial=work.serial, **device)
        self.works[order] = self.waiting[order] = work
        return work


def orders_of_day(day: date, a_day: int, chance: Random) -> Sequence[time]:
    """When people order on a day; few on weekends."""
    many = a_day if day.weekday() < 5 else max(1, a_day // 3)
    return sorted(time(8 + chance.randrange(9), chance.randrange(60)) for _ in range(many))
