"""What the operator sells, under which codes and at which price on which day: the estate's own knowledge.

Discounts are products with a negative price. A product's id is what the CRM calls it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from simulated_estate.markets import Technology

_PON: tuple[Technology, ...] = ("pon",)
_ETHERNET: tuple[Technology, ...] = ("active_ethernet",)
_WIRELESS: tuple[Technology, ...] = ("fixed_wireless",)
_ANY: tuple[Technology, ...] = ("pon", "active_ethernet", "fixed_wireless")

FIBER_RISE = date(2026, 4, 1)
"""From this day fiber-500 costs 74.99 instead of 69.99."""
ETHER_RISE = date(2026, 4, 15)
"""From this day, in the middle of a month, ether-500 costs 82.95 instead of 79.95."""

INSTALL_FEE = "install-fee"
RECONNECT_FEE = "reconnect-fee"
EARLY_END_FEE = "early-end-fee"
"""For each month, begun or whole, that the term of the contract had left."""
OUTLET_FEE = "outlet-fee"
VISIT_FEE = "visit-fee"
RENTAL = "router-rental"
MESH = "mesh-rental"
STATIC_IP = "static-ip"
VOICE = "voice"
TALK_BUNDLE = ("talk_bundle_internet", "talk_bundle_voice")
OFFICE_PACK = "office-pack"
"""Has an address and a voice line in it."""
LEGACY_MAIL = "legacy-mail"
"""Sold years ago by somebody else; billing alone knows it."""
WELCOME = "welcome_20"
WINBACK = "winback_15"
FREE_ROUTER = "free_router"
GIG_START = "gig_10"
"""For the fastest offerings only."""
LOYALTY = "loyalty"
"""What the retention desk grants; amount and days are those of each approval."""
AUTOPAY = "autopay"
"""Enrolment in automatic payment, charged with nothing."""
AUTOPAY_DISCOUNT = "autopay_5"


@dataclass(frozen=True, slots=True)
class Product:
    """Something with a code in billing.

    Attributes:
        charge: the charge it makes on a bill; every access offering makes ``access``.
        steps: price from a day on, oldest first; the first holds since ever.
        profile: down/up Mbit/s of the network profile that realises an access offering.
        words: what technicians write for it.
    """

    id: str
    charge: str
    billing_code: str
    description: str
    technologies: tuple[Technology, ...]
    steps: tuple[tuple[date, Decimal], ...]
    profile: str = ""
    words: tuple[str, ...] = ()

    def price_on(self, day: date) -> Decimal:
        """The list price of a month on a day."""
        return next(price for since, price in reversed(self.steps) if since <= day)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A discount promised for some months from the start of service; ``percent`` is of the access charge."""

    product: Product
    months: int
    percent: Decimal | None = None


def _access(
    name: str, down: int, up: int, code: str, technologies: tuple[Technology, ...], *steps: tuple[date, str]
) -> Product:
    title = name.capitalize()
    return Product(
        f"{name}-{down}",
        "access",
        code,
        f"{title} {down} Internet",
        technologies,
        tuple((since, Decimal(price)) for since, price in steps),
        f"{down}/{up}",
        (f"{title} {down}", f"{name}{down}", f"{down} Mbps {name}", f"{name.upper()}-{down}"),
    )


def _other(product: str, charge: str, code: str, text: str, price: str) -> Product:
    technologies = _PON + _ETHERNET if product == VOICE else _ANY
    return Product(product, charge, code, text, technologies, ((date.min, Decimal(price)),))


ACCESS: dict[str, Product] = {
    product.id: product
    for product in (
        _access("fiber", 300, 300, "INT-FBR-0300", _PON, (date.min, "54.99")),
        _access("fiber", 500, 500, "INT-FBR-0500", _PON, (date.min, "69.99"), (FIBER_RISE, "74.99")),
        _access("fiber", 1000, 1000, "INT-FBR-1000", _PON, (date.min, "89.99")),
        _access("fiber", 2000, 2000, "INT-FBR-2000", _PON, (date.min, "119.99")),
        _access("ether", 250, 250, "INT-ETH-0250", _ETHERNET, (date.min, "59.95")),
        _access("ether", 500, 500, "INT-ETH-0500", _ETHERNET, (date.min, "79.95"), (ETHER_RISE, "82.95")),
        _access("ether", 1000, 1000, "INT-ETH-1000", _ETHERNET, (date.min, "99.95")),
        _access("air", 50, 10, "INT-FWA-0050", _WIRELESS, (date.min, "49.50")),
        _access("air", 100, 20, "INT-FWA-0100", _WIRELESS, (date.min, "64.50")),
        _access("air", 200, 40, "INT-FWA-0200", _WIRELESS, (date.min, "84.50")),
    )
}

PRODUCTS: dict[str, Product] = ACCESS | {
    product.id: product
    for product in (
        _other(RENTAL, "router_rental", "EQP-RTR-WIFI", "Wi-Fi router rental", "9.99"),
        _other(MESH, "router_rental", "EQP-RTR-MESH", "Mesh Wi-Fi router rental", "14.99"),
        _other(STATIC_IP, "static_ip", "ADD-IPV4", "Static IPv4 address", "10.00"),
        _other(OFFICE_PACK, "office_pack", "PCK-OFFICE", "Office pack", "24.99"),
        _other(VOICE, "voice", "ADD-VOICE", "Home voice", "19.99"),
        _other(INSTALL_FEE, "install_fee", "NRC-INST", "Installation", "99.00"),
        _other(RECONNECT_FEE, "reconnect_fee", "NRC-RECON", "Reconnection", "25.00"),
        _other(EARLY_END_FEE, "early_end_fee", "NRC-ETF", "Early termination", "10.00"),
        _other(OUTLET_FEE, "outlet_fee", "NRC-OUTLET", "Additional outlet", "45.00"),
        _other(VISIT_FEE, "visit_fee", "NRC-VISIT", "Visit for customer equipment", "65.00"),
        _other(WELCOME, WELCOME, "DSC-WELC20", "Welcome discount", "-20.00"),
        _other(WINBACK, WINBACK, "DSC-WINB15", "Win-back 15 %", "0.00"),
        _other(FREE_ROUTER, FREE_ROUTER, "DSC-FREERTR", "Router on us", "-9.99"),
        _other(LEGACY_MAIL, "mail", "ADD-MAIL-OLD", "Mailbox", "2.95"),
        _other(GIG_START, GIG_START, "DSC-GIG10", "Gigabit start", "-10.00"),
        _other(LOYALTY, LOYALTY, "DSC-LOYAL", "Loyalty discount", "0.00"),
        _other(AUTOPAY_DISCOUNT, AUTOPAY_DISCOUNT, "DSC-AUTOPAY", "Automatic payment discount", "-5.00"),
        _other(TALK_BUNDLE[0], "talk_bundle", "DSC-TALK-I", "Internet and voice bundle, internet", "-6.67"),
        _other(TALK_BUNDLE[1], "talk_bundle", "DSC-TALK-V", "Internet and voice bundle, voice", "-3.33"),
    )
}

PROMOTIONS: dict[str, Promotion] = {
    WELCOME: Promotion(PRODUCTS[WELCOME], 6),
    WINBACK: Promotion(PRODUCTS[WINBACK], 3, Decimal(-15)),
    FREE_ROUTER: Promotion(PRODUCTS[FREE_ROUTER], 6),
    GIG_START: Promotion(PRODUCTS[GIG_START], 6),
}
GIG_OFFERINGS = ("fiber-1000", "fiber-2000", "ether-1000", "air-200")


def offerings_of(technology: Technology) -> tuple[str, ...]:
    """The access offerings of a technology, slowest first."""
    return tuple(name for name, product in ACCESS.items() if technology in product.technologies)
