"""Names and addresses of people who do not exist."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from simulated_estate.life.numbers import Numbers
from simulated_estate.life.records import Premise
from simulated_estate.markets import Market

_FIRST = (
    *("Ana", "Ben", "Cora", "Dev", "Ella", "Finn", "Grace", "Hugo", "Iris", "Jonas"),
    *("Kira", "Liam", "Mona", "Noah", "Olga", "Paul", "Rosa", "Sven", "Tara", "Wes"),
)
_LAST = (
    *("Abbott", "Beaulieu", "Castillo", "Dyck", "Ellison", "Friesen", "Garza", "Holm", "Ivers", "Jansen"),
    *("Klassen", "Lund", "Moreau", "Novak", "Ortiz", "Penner", "Quill", "Reyes", "Sorensen", "Thorne"),
)
_TRADES = ("Bakery", "Dental", "Outfitters", "Law Office", "Brewing", "Clinic", "Hardware", "Farms")
_STREETS = (
    *("Cedar", "Mill", "Harbour", "Juniper", "Ridge", "Elm", "Prairie"),
    *("Canal", "Orchard", "Quarry", "Depot", "Chapel", "Willow", "Lakeview"),
)
_KINDS = ("Street", "Avenue", "Road", "Lane", "Drive")


def person(rng: Random) -> str:
    """A private customer's name."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def company(rng: Random) -> str:
    """A business customer's name."""
    return f"{rng.choice(_LAST)} {rng.choice(_TRADES)}"


def premise(rng: Random, numbers: Numbers, market: Market) -> Premise:
    """A new address in a market, within some 8 km of its middle."""
    hub = f"{market.billing_code}-H{rng.randint(1, 6):02d}"
    return Premise(
        numbers.premise(),
        rng.randint(1, 998),
        rng.choice(_STREETS),
        rng.choice(_KINDS),
        str(rng.randint(1, 24)) if rng.random() < 0.2 else "",
        postal_code(rng, market),
        *place(rng, market),
        hub,
        f"{hub}-T{rng.randint(1, 240):03d}",
    )


def next_door(rng: Random, numbers: Numbers, neighbour: Premise) -> Premise:
    """Another premise in the same street."""
    house = neighbour.house + 2 * rng.randint(1, 20)
    return replace(neighbour, number=numbers.premise(), house=house, unit="")


def place(rng: Random, market: Market) -> tuple[Decimal, Decimal]:
    """Latitude and longitude within some 8 km of the middle of a market."""
    latitude, longitude = market.position
    return (
        Decimal(str(latitude)) + Decimal(rng.randint(-70_000, 70_000)).scaleb(-6),
        Decimal(str(longitude)) + Decimal(rng.randint(-90_000, 90_000)).scaleb(-6),
    )


def postal_code(rng: Random, market: Market) -> str:
    """A code of the market's city."""
    start = market.city[2]
    if market.currency == "CAD":
        return f"{start} {rng.randint(0, 9)}{rng.choice('ABCEGHJKLM')}{rng.randint(0, 9)}"
    return f"{start}{rng.randint(0, 99):02d}"
