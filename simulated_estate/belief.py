"""What somebody believes has to be billed: plain intervals and rate rules, half open, in local days.

The truth about a service is a belief like any other; a mistake turns one belief into another.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from simulated_estate.cycles import Cycles
from simulated_estate.markets import Convention

Biller = Literal["legacy", "target"]
"""The billing system that everybody began in, and the one to which some accounts are moved."""
Stub = Literal["its days", "a day too many", "a whole period", "nothing"]
"""What is charged for the days up to a new bill cycle."""
Days = tuple[date, date | None]
"""From a day up to and without another; None while it lasts."""


@dataclass(frozen=True, slots=True)
class FixedRate:
    """A monthly rate that takes the place of the list price on some days."""

    rate: Decimal
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A recurring product; without ``start`` or ``end`` it shares those of its subscription.

    ``quantity`` is how many of it are charged.
    """

    product: str
    start: date | None = None
    end: date | None = None
    rates: tuple[FixedRate, ...] = ()
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Fee:
    """A one-time product, the day its line covers, and how many times its price is charged."""

    product: str
    day: date
    times: int = 1


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is billed together under one number.

    Attributes:
        suspensions: days on which nothing is charged.
        fees: one-time products.
        first_bill: lines that would have stood on an earlier bill stand on the one of this date.
        credited_on: date of the bill that takes all of it back, line by line.
        opened_by: the order that opened the service it bills; empty for the first service of an account.
        location: number of the premise where billing believes the service to be, if it keeps one.
        bill_day: day of the next month on which a month is billed.
        convention: how parts of a month are counted, where that is not how the market counts them.
        begun_on: the day on which the service began, where that is another one.
        biller: which of the two billing systems has it.
        stub: what a period is charged with that a change of cycle cuts short.
    """

    id: str
    start: date
    end: date | None
    items: tuple[Item, ...]
    suspensions: tuple[Days, ...] = ()
    fees: tuple[Fee, ...] = ()
    first_bill: date | None = None
    credited_on: date | None = None
    opened_by: str = ""
    location: int | None = None
    bill_day: int = 1
    convention: Convention | None = None
    begun_on: date | None = None
    biller: Biller = "legacy"
    stub: Stub = "its days"


@dataclass(frozen=True, slots=True)
class Belief:
    """Everything that is believed about one account; subscriptions in the order they began.

    Attributes:
        cycles: its bill cycles, where it is not billed by calendar months.
    """

    account: str
    market: str
    subscriptions: tuple[Subscription, ...] = ()
    cycles: Cycles = ()
