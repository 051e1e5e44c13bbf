"""Where the operator sells: three markets, each with its own calendar, money, technology and network elements."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from simulated_estate.months import next_month

Technology = Literal["pon", "active_ethernet", "fixed_wireless"]
Convention = Literal["actual_actual", "actual_30", "thirty_360"]
Rounding = Literal["half_up", "half_even"]
DeviceKind = Literal["ont", "nid", "sm"]
_DEVICE_KINDS: dict[Technology, DeviceKind] = {"pon": "ont", "active_ethernet": "nid", "fixed_wireless": "sm"}


@dataclass(frozen=True, slots=True)
class Element:
    """A network element and the four letters its devices' serials begin with (none: their serial is a MAC)."""

    name: str
    vendor: str


@dataclass(frozen=True, slots=True)
class Market:
    """A market as the operator's own people know it.

    Attributes:
        billing_code: what the billing system calls it.
        region: what the field service system calls it.
        convention: how its billing counts parts of a month.
        rounding: what its billing makes of a part of a cent.
        is_first_month_free: days before the first whole month of a service are given away.
        weight: its share of the subscribers, in percent.
        city: city, state and the first letters or digits of its postal codes.
        position: latitude and longitude of its middle.
        truck_roll_cents: what one visit of a technician costs.
        access_device_cents: what another access device costs.
        router_cents: what another router costs.
    """

    id: str
    name: str
    zone: ZoneInfo
    currency: str
    technology: Technology
    convention: Convention
    rounding: Rounding
    is_first_month_free: bool
    billing_code: str
    region: str
    weight: int
    elements: tuple[Element, ...]
    city: tuple[str, str, str, str]
    position: tuple[float, float]
    truck_roll_cents: int
    access_device_cents: int
    router_cents: int

    def noon(self, day: date) -> datetime:
        """The middle of a local day."""
        return datetime.combine(day, time(12), self.zone)

    def charged_from(self, start: date) -> date:
        """The first day of a service that is charged, where it begins on a day."""
        return next_month(start) if self.is_first_month_free and start.day > 1 else start

    @property
    def device_kind(self) -> DeviceKind:
        """What the field calls the device at the end of the access line."""
        return _DEVICE_KINDS[self.technology]


RIVERBEND = Market(
    "riverbend",
    "Riverbend",
    ZoneInfo("America/New_York"),
    "USD",
    "pon",
    "actual_actual",
    "half_up",
    False,
    "RB",
    "RIV",
    50,
    (Element("rb-olt-calix", "CXNK"), Element("rb-olt-adtran", "ADTN"), Element("rb-olt-nokia", "ALCL")),
    ("Riverbend", "VA", "241", "US"),
    (37.2710, -79.9414),
    14_800,
    8_600,
    6_400,
)
MESA = Market(
    "mesa",
    "Mesa",
    ZoneInfo("America/Denver"),
    "USD",
    "active_ethernet",
    "actual_30",
    "half_up",
    True,
    "MS",
    "MSA",
    25,
    (Element("ms-sw-ciena", "CIEN"),),
    ("Mesa Grande", "CO", "815", "US"),
    (39.0639, -108.5506),
    13_150,
    11_200,
    6_400,
)
NORTHSHORE = Market(
    "northshore",
    "Northshore",
    ZoneInfo("America/Winnipeg"),
    "CAD",
    "fixed_wireless",
    "thirty_360",
    "half_even",
    False,
    "NS",
    "NSH",
    25,
    (Element("ns-ap-cambium", ""),),
    ("Northshore", "MB", "R0C", "CA"),
    (50.6310, -96.9890),
    16_200,
    17_450,
    8_900,
)
MARKETS: dict[str, Market] = {market.id: market for market in (RIVERBEND, MESA, NORTHSHORE)}
