"""A small plant: a hub with terminals on two elements, a premise behind it, and an operator who sells there."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering, Proration
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from provisioning.equipment import StockedDevice
from provisioning.network_file import NetworkFile
from provisioning.plant_room import SeenDevice, TerminalRoom, rooms
from provisioning.qualification import Asked, Operation

SOURCE = {"market": "town", "source_system": "fsm", "source_object": "plant"}
TIERS = [
    {"offering": "silver", "down": 500, "up": 250, "aaa_group": "tier-500"},
    {"offering": "gold", "down": 2000, "up": 2000, "aaa_group": "tier-2000", "pon_modes": ["xgs_pon"]},
]
NETWORK: dict[str, Any] = {
    "elements": {name: {"driver": "told", "address": "here"} for name in ("olt-1", "olt-2")},
    "profiles": [
        {"technology": "pon", "vlans": {"outer": 100, "inner_from": 1000}, "tiers": TIERS, "models": ["GX"]}
    ],
    "verification": [{"technology": "pon", "speed_percent": 90, "windows": {"ont_rx": {"low": -28, "high": -9}}}],
}
SEEN_AT = datetime(2026, 11, 5, 12, tzinfo=UTC)
ASKED = Asked("town", "silver", date(2026, 11, 5))


def terminal(name: str = "T1", **facts: Any) -> AccessTerminal:
    given = {"hub": "H1", "element": "olt-1", "port": "1/1/1", "technology": "pon", "capacity": 2, "used": 0}
    known: dict[str, Any] = given | facts
    return AccessTerminal(**SOURCE, source_id=f"{name}:{known['port']}", terminal=name, **known)


def premise(**facts: Any) -> Premise:
    given = {"address": "12 Mill Road", "hub": "H1", "terminal": "T1", "serviceability": "serviceable"}
    known: dict[str, Any] = {"source_id": "p-1", **given} | facts
    return Premise(**{**SOURCE, "source_system": "crm"}, **known)


def offering(name: str, **facts: Any) -> ProductOffering:
    price = OfferingPrice(amount=Decimal("60.00"), valid_from=date(2020, 1, 1), valid_to=date(2027, 1, 1))
    given: dict[str, Any] = {
        "billing_codes": (name.upper(),),
        "prices": (price,),
        "charge": "access",
        "delivered_by": "access",
    }
    return ProductOffering(id=name, **(given | facts))


def catalogue(*offerings: ProductOffering) -> Catalogue:
    sold = offerings or (offering("silver"), offering("gold"))
    return Catalogue(offerings=sold, proration={"town": Proration(convention="actual_actual")})


def operation(**facts: Any) -> Operation:
    network = NetworkFile.model_validate(NETWORK | facts.pop("network", {}))
    given: dict[str, Any] = {"catalogue": catalogue(), "stock": [StockedDevice("CXNK00000001", "ont", "GX")]}
    return Operation(network=network, **(given | facts))


def seen(*ports: str) -> list[SeenDevice]:
    """Devices that work on ports of the first element."""
    return [SeenDevice("olt-1", port, is_up=True, seen_at=SEEN_AT) for port in ports]


def empty(*terminals: AccessTerminal) -> tuple[TerminalRoom, ...]:
    """Terminals of which nothing is kept and on which nothing is seen."""
    return rooms(terminals, (), {})
