"""What is filed beside the lives of customers: outages, reservations, lines of other providers, items on no bill yet.

Days are local days of the market and intervals half open; moments are aware datetimes in the market's zone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

ReservedKind = Literal["port", "static_ip"]


@dataclass(frozen=True, slots=True)
class NetworkOutage:
    """Time in which one port of an element carried nothing."""

    number: str
    element: str
    port: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """A port or an address that is kept for an order, up to and without the day on which it was let go."""

    number: str
    kind: ReservedKind
    order: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class RetailLine:
    """A line that another provider sells over our network."""

    number: str
    retailer: str
    offering: str
    serial: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class RetailCharge:
    """What that provider is asked for such a line, for days of a month."""

    invoice: str
    place: int
    retailer: str
    line: str
    start: date
    end: date
    cents: int
    day: date


@dataclass(frozen=True, slots=True)
class PendingItem:
    """Something that waits to be billed, under the subscription that somebody named for it, if any."""

    number: str
    account: str
    subscription: str | None
    product: str
    cents: int
    day: date
    state: Literal["PENDING", "BILLED", "CANCELLED"] = "PENDING"


Filing = NetworkOutage | Reservation | RetailLine | RetailCharge | PendingItem
