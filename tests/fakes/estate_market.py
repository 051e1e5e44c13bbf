"""One market of a simulated estate as the people who live in it know it: lives, bills and the true ledger."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from simulated_estate.books import Row
from simulated_estate.estate import Estate
from simulated_estate.ledger import LedgerEntry
from simulated_estate.life.calls import Call, calls
from simulated_estate.life.records import Completion, Device, Job, Life, Order, Visit
from simulated_estate.life.stage import Slot, Story
from simulated_estate.markets import MARKETS, Market
from simulated_estate.months import Window

ACCESS_DEVICES = {"ont", "nid", "sm"}


@dataclass(frozen=True)
class EstateMarket:
    """What happened in one market, told without any system, protocol or query.

    Attributes:
        unjoined: accounts with a record that no exact key joins.
    """

    estate: Estate
    stories: list[Story]
    devices: list[Device]
    market: Market
    unjoined: set[str]

    @property
    def window(self) -> Window:
        """The judged months."""
        return self.estate.window

    @property
    def lives(self) -> list[Life]:
        """Every account."""
        return [story.life for story in self.stories]

    @property
    def ledger(self) -> list[LedgerEntry]:
        """What goes wrong in this market."""
        return [entry for entry in self.estate.ledger if entry.market == self.market.id]

    def day(self, moment: datetime) -> date:
        """The local day."""
        return moment.astimezone(self.market.zone).date()

    def within(self, moment: datetime) -> bool:
        """Whether a moment lies in the judged months."""
        return self.window.start <= self.day(moment) < self.window.end

    def rows(self, feed: str) -> list[Row]:
        """What billing wrote down, of this market."""
        code, accounts = self.market.billing_code, {life.account for life in self.lives}
        old = [row for row in self.estate.books.billing[feed] if _code(row) == code]
        return old + [row for row in _in_old_words(self.estate, feed) if row["accountNumber"].lstrip("0") in accounts]

    def new_orders(self) -> Iterator[tuple[Life, Order]]:
        """Orders of new customers that were not called off."""
        for life in self.lives:
            for order in life.orders:
                if order.kind == "New" and order.state in ("open", "completed") and not order.is_deleted:
                    yield life, order

    def jobs(self) -> Iterator[tuple[Life, Job]]:
        """Every job of the market."""
        for life in self.lives:
            yield from ((life, job) for job in life.jobs)

    def visits(self) -> Iterator[tuple[Life, Job, int, Visit]]:
        """Every visit at which somebody arrived, with its number."""
        for life, job in self.jobs():
            for number, visit in enumerate(job.visits, 1):
                if visit.arrived is not None:
                    yield life, job, number, visit

    def calls(self) -> Iterator[tuple[Life, Call]]:
        """What was told, credits that were promised included."""
        for story in self.stories:
            life = story.life
            for day, _ in life.dealings.promises:
                opened = datetime.combine(day, datetime.min.time(), self.market.zone) + timedelta(
                    hours=11, minutes=10
                )
                yield life, Call("fault", opened, None, 0)
            yield from ((life, call) for call in calls(life, story.corrections, self.window.as_of))


def _code(row: Row) -> str:
    """The market of a row, which its own number or that of its bill begins with."""
    return str(row.get("marketCode") or (row.get("billNumber") or "")[:2])


def _in_old_words(estate: Estate, feed: str) -> Iterator[Row]:
    """What the system that bills some accounts by now wrote down, as the one before it would have."""
    books = estate.books.target_billing
    if feed == "payments":
        for row in books["payments"]:
            yield {
                "accountNumber": row["account"][2:],
                "billNumber": row["invoice"],
                "receivedOn": row["received_on"],
            }
    for row in books["invoices"] if feed in ("bills", "charge_lines") else ():
        bill = {"billNumber": row["id"], "accountNumber": row["account"][2:], "billDate": row["invoiced_on"]}
        if feed == "bills":
            status = {"open": "ISSUED", "paid": "PAID"}[row["state"]]
            yield bill | {"periodFrom": row["period_from"], "total": row["total"], "status": status}
        for line in row["lines"] if feed == "charge_lines" else ():
            last = date.fromisoformat(line["to"]) - timedelta(days=1)
            days = {"coverFrom": line["from"], "coverTo": last.isoformat()}
            yield bill | days | {"rate": line["monthly"], "amount": line["amount"]}


def market_of(estate: Estate, slots: list[Slot], market_id: str) -> EstateMarket:
    """A market of an estate, of the lives that it was built of."""
    market = MARKETS[market_id]
    elements = {element.name for element in market.elements}
    stories = [story for slot in slots for story in slot.stories if story.life.market.id == market_id]
    devices = [device for story in stories for device in story.life.devices]
    devices += [ghost.device for slot in slots for ghost in slot.ghosts] + [
        one for slot in slots for one in slot.strays
    ]
    unjoined = {story.life.account for slot in slots if slot.unjoinable for story in slot.stories}
    return EstateMarket(estate, stories, [one for one in devices if one.element in elements], market, unjoined)


def named_order(job: Job) -> str | None:
    """The order that a job names, None where its number was mistyped."""
    return job.order if job.order_text is None else None


def access_serials(done: Completion) -> set[str]:
    """Serials of the devices at the end of the line that a job left."""
    return {placed.serial for placed in done.devices if placed.kind in ACCESS_DEVICES}


def registered(market: EstateMarket) -> dict[str, datetime]:
    """When each device came up, as the network remembers: one that is up has the last word."""
    by_serial: dict[str, list[Device]] = defaultdict(list)
    for device in market.devices:
        by_serial[device.serial].append(device)
    never = datetime.min.replace(tzinfo=market.window.as_of.tzinfo)
    return {
        serial: max(several, key=lambda one: (one.state == "up", one.last_traffic or never)).registered
        for serial, several in by_serial.items()
    }
