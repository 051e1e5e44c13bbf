"""A town as two systems know it: households, apartments, new tenants, namesakes, twins, fathers and sons.

What makes matching hard is not spelling. The others of a household share surname, address, telephone and often an
e-mail address; a new tenant has the address of the old one, who is still in the other system; a son has his father's
whole name. Each record is known by its person, so that every link can be told right or wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from canonical_model.customers import Customer
from canonical_model.places import Premise

_SYSTEMS = ("crm", "bought")
_ONSETS = (
    "B",
    "Br",
    "C",
    "Ch",
    "D",
    "F",
    "G",
    "Gr",
    "H",
    "J",
    "K",
    "L",
    "M",
    "N",
    "P",
    "R",
    "S",
    "St",
    "T",
    "V",
    "W",
)
_VOWELS = ("a", "e", "i", "o", "u", "ea", "ou", "ai")
_CODAS = ("n", "r", "l", "s", "ck", "nd", "rt", "m", "tt", "ll")
_ENDINGS = ("son", "ton", "er", "ley", "man", "ez", "ski", "berg", "", "", "s", "well")
_NICKNAMES = {"Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Margaret": "Peggy", "Richard": "Dick"}
_KINDS = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Lane": "Ln", "Drive": "Dr", "Court": "Ct"}
_UNITS = ("Apt {}", "Unit {}", "#{}", "Apt. {}")
_BORN_FROM = date(1935, 1, 1)


@dataclass(frozen=True, slots=True)
class Dwelling:
    """One home."""

    number: int
    house: int
    street: str
    kind: str
    unit: str
    postal_code: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Person:
    """One person, as life knows them."""

    number: int
    given_name: str
    surname: str
    suffix: str
    born: date
    phone: str
    email: str
    home: Dwelling


@dataclass(frozen=True, slots=True)
class Town:
    """What both systems hold, and the truth.

    Attributes:
        customers, premises: records of both systems.
        person_of: person by the name of a customer's record.
        dwelling_of: dwelling by the name of a premise's record.
    """

    customers: tuple[Customer, ...]
    premises: tuple[Premise, ...]
    person_of: dict[str, int]
    dwelling_of: dict[str, int]


def town(dwellings: int, seed: int) -> Town:
    """A town of so many homes; the same seed gives the same town."""
    rng = Random(seed)
    homes = list(_homes(rng, dwellings))
    persons = list(_persons(rng, homes))
    customers, person_of = _customers(rng, persons, homes)
    premises, dwelling_of = _premises(rng, homes)
    return Town(tuple(customers), tuple(premises), person_of, dwelling_of)


def _word(rng: Random, syllables: int) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)).capitalize() + rng.choice(
        _CODAS
    )


def _names(rng: Random, count: int, first: tuple[str, ...], *, is_surname: bool) -> tuple[list[str], list[float]]:
    """Names and how often they are met, by Zipf's law, as real ones are."""
    names = list(dict.fromkeys([*first, *(_word(rng, rng.randint(1, 2)) for _ in range(count))]))
    if is_surname:
        names = list(dict.fromkeys(name + rng.choice(_ENDINGS) for name in names))
    return names, list(accumulate(1 / (rank + 8) for rank in range(len(names))))


def _homes(rng: Random, count: int) -> Iterator[Dwelling]:
    streets = [
        (_word(rng, 2), rng.choice(list(_KINDS)), f"{rng.randint(10, 60):02d}") for _ in range(max(20, count // 60))
    ]
    number = 0
    taken: set[tuple[str, int]] = set()
    while number < count:
        name, kind, code = rng.choice(streets)
        house = rng.randint(1, 900)
        if (name, house) in taken:
            continue
        taken.add((name, house))
        latitude, longitude = round(44 + rng.random() / 10, 6), round(-93 + rng.random() / 10, 6)
        units = rng.randint(2, 40) if rng.random() < 0.06 else 1
        for place in range(units):
            unit = "" if units == 1 else (str(place + 1) if units > 8 else f"{place // 2 + 1}{'AB'[place % 2]}")
            yield Dwelling(number, house, name, kind, unit, f"551{code}", latitude, longitude)
            number += 1


def _persons(rng: Random, homes: list[Dwelling]) -> Iterator[Person]:
    given, by_given = _names(rng, 500, (*_NICKNAMES, "James", "Maria", "Ana", "Alina", "Alia"), is_surname=False)
    surnames, by_surname = _names(rng, 4_000, (), is_surname=True)
    number = 0
    for home in homes:
        for _ in range(2 if rng.random() < 0.25 else 1):  # the one who moves in next
            surname = rng.choices(surnames, cum_weights=by_surname)[0]
            landline, shared = _phone(rng), f"{surname.lower()}{number}@family.example"
            household: list[Person] = []
            for _ in range(rng.choices((1, 2, 3, 4), (40, 35, 15, 10))[0]):
                own = surname if rng.random() < 0.8 else rng.choices(surnames, cum_weights=by_surname)[0]
                name = rng.choices(given, cum_weights=by_given)[0]
                phone = landline if rng.random() < 0.4 else _phone(rng)
                email = shared if rng.random() < 0.15 else f"{name.lower()}.{own.lower()}{number}@mail.example"
                born = _BORN_FROM + timedelta(days=rng.randrange(25_000))
                household.append(Person(number, name, own, "", born, phone, email, home))
                number += 1
            yield from _special(rng, household)


def _special(rng: Random, household: list[Person]) -> list[Person]:
    """Fathers and sons of one name, and twins."""
    if len(household) < 2:
        return household
    one, other, *rest = household
    chance = rng.random()
    if chance < 0.015:
        phone = one.phone if rng.random() < 0.6 else other.phone
        is_told = rng.random() < 0.5
        later = one.born + timedelta(days=rng.randint(7_500, 11_000))
        son = replace(other, given_name=one.given_name, surname=one.surname, born=later, phone=phone)
        return [replace(one, suffix="Sr" if is_told else ""), replace(son, suffix="Jr" if is_told else ""), *rest]
    if chance < 0.025:
        near = one.given_name[:-1] + rng.choice("aeinsy")
        name = near if rng.random() < 0.3 and near != one.given_name else other.given_name
        return [one, replace(other, given_name=name, surname=one.surname, born=one.born, phone=one.phone), *rest]
    return household


def _phone(rng: Random) -> str:
    return f"612{rng.randint(2_000_000, 9_999_999)}"


def _customers(rng: Random, persons: list[Person], homes: list[Dwelling]) -> tuple[list[Customer], dict[str, int]]:
    records: list[Customer] = []
    person_of: dict[str, int] = {}
    numbers = dict.fromkeys(_SYSTEMS, 10_000)
    for person in persons:
        for system in _SYSTEMS:
            times = rng.choices((0, 1, 2), (30, 69, 1))[0]  # two accounts of one person
            for _ in range(times):
                numbers[system] += 1  # the bought company counts from the same number on
                record = _customer(rng, person, system, numbers[system], homes)
                records.append(record)
                person_of[str(record.source)] = person.number
    rng.shuffle(records)
    return records, person_of


def _customer(rng: Random, person: Person, system: str, number: int, homes: list[Dwelling]) -> Customer:
    chance = rng.random
    given = person.given_name
    if chance() < 0.04:
        given = _NICKNAMES.get(given, given)
    surname = person.surname if chance() > 0.012 else _word(rng, 2)  # married
    name = f"{_typo(rng, given)} {_typo(rng, surname)} {person.suffix if chance() < 0.6 else ''}".strip()
    if system == "bought" and chance() < 0.3:
        name = f"{name.split(' ', 1)[1]}, {name.split(' ', 1)[0]}"
    home = person.home if chance() > 0.08 else rng.choice(homes)  # moved, and one system does not know
    address, unit = _address(rng, home, system)
    return Customer(
        market="springfield",
        source_system=system,
        source_object="customer",
        source_id=str(number),
        account_number=str(number),
        name=name,
        email=person.email if chance() > 0.35 else None,
        phone=_spelled_phone(rng, person.phone if chance() > 0.08 else _phone(rng)) if chance() > 0.2 else None,
        birth_date=_birth_date(rng, person.born),
        address=address,
        unit=unit,
        city="Springfield",
        postal_code=home.postal_code,
    )


def _birth_date(rng: Random, born: date) -> date | None:
    chance = rng.random()
    if chance < 0.3:
        return None
    return born if chance < 0.98 else born.replace(day=1 + born.day % 28)


def _address(rng: Random, home: Dwelling, system: str) -> tuple[str, str | None]:
    kind = home.kind if system == "crm" else rng.choice((home.kind, _KINDS[home.kind], f"{_KINDS[home.kind]}."))
    line = f"{home.house} {_typo(rng, home.street)} {kind}"
    if not home.unit or rng.random() < (0.02 if system == "crm" else 0.08):
        return line, None
    if system == "crm":
        return line, home.unit
    return f"{line} {rng.choice(_UNITS).format(home.unit)}", None


def _spelled_phone(rng: Random, phone: str) -> str:
    form = rng.choice(("{}{}{}", "({}) {}-{}", "+1 {} {} {}", "{}-{}-{}"))
    return form.format(phone[:3], phone[3:6], phone[6:])


def _typo(rng: Random, text: str) -> str:
    if rng.random() > 0.04 or len(text) < 4:
        return text
    place = rng.randrange(1, len(text) - 1)
    return rng.choice(
        (
            text[:place] + text[place + 1 :],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
            text[:place] + rng.choice("aeiourstln") + text[place:],
        )
    )


def _premises(rng: Random, homes: list[Dwelling]) -> tuple[list[Premise], dict[str, int]]:
    records: list[Premise] = []
    dwelling_of: dict[str, int] = {}
    for home in homes:
        for system in _SYSTEMS:
            if rng.random() < 0.15:
                continue
            address, unit = _address(rng, home, system)
            is_located = rng.random() < 0.8
            record = Premise(
                market="springfield",
                source_system=system,
                source_object="premise",
                source_id=str(len(records)),
                address=address,
                unit=unit,
                city="Springfield",
                postal_code=home.postal_code if rng.random() > 0.03 else None,
                latitude=home.latitude + rng.gauss(0, 0.0001) if is_located else None,
                longitude=home.longitude + rng.gauss(0, 0.0001) if is_located else None,
            )
            records.append(record)
            dwelling_of[str(record.source)] = home.number
    rng.shuffle(records)
    return records, dwelling_of
