"""A town as two systems know it: households, apartments, new tenants, namesakes, twins, fathers and sons.

What makes matching hard is not spelling. The others of a household share surname, address, telephone and often an
e-mail address; a new tenant has the address of the old one, who is still in the other system; a son has his father's
whole name. ``benchmarks.town_records`` writes down what two systems make of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from benchmarks.habits import Habits

_ONSETS = (
    *("B", "Br", "C", "Ch", "D", "F", "G", "Gr", "H", "J", "K", "L"),
    *("M", "N", "P", "R", "S", "St", "T", "V", "W"),
)
_VOWELS = ("a", "e", "i", "o", "u", "ea", "ou", "ai")
_CODAS = ("n", "r", "l", "s", "ck", "nd", "rt", "m", "tt", "ll")
_ENDINGS = ("son", "ton", "er", "ley", "man", "ez", "ski", "berg", "", "", "s", "well")
NICKNAMES = {"Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Margaret": "Peggy", "Richard": "Dick"}
KINDS = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Lane": "Ln", "Drive": "Dr", "Court": "Ct"}
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


def homes(rng: Random, count: int, habits: Habits) -> list[Dwelling]:
    """So many homes in streets of a town, six in ten of them flats."""
    return list(_homes(rng, count, habits))


def persons(rng: Random, dwellings: list[Dwelling], habits: Habits) -> list[Person]:
    """Who lives there, and who moved in after them."""
    return list(_persons(rng, dwellings, habits))


def word(rng: Random, syllables: int) -> str:
    """A word that sounds like a name."""
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)).capitalize() + rng.choice(
        _CODAS
    )


def phone_number(rng: Random) -> str:
    """Ten digits."""
    return f"612{rng.randint(2_000_000, 9_999_999)}"


def _names(rng: Random, count: int, first: tuple[str, ...], *, is_surname: bool) -> tuple[list[str], list[float]]:
    """Names and how often they are met, by Zipf's law, as real ones are."""
    names = list(dict.fromkeys([*first, *(word(rng, rng.randint(1, 2)) for _ in range(count))]))
    if is_surname:
        names = list(dict.fromkeys(name + rng.choice(_ENDINGS) for name in names))
    return names, list(accumulate(1 / (rank + 8) for rank in range(len(names))))


def _homes(rng: Random, count: int, habits: Habits) -> Iterator[Dwelling]:
    streets = [
        (word(rng, 2), rng.choice(list(KINDS)), f"{rng.randint(10, 60):02d}") for _ in range(max(20, count // 60))
    ]
    if habits.parallel_streets:
        streets += [_parallel(rng, street) for street in streets if rng.random() < habits.parallel_streets]
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


def _persons(rng: Random, dwellings: list[Dwelling], habits: Habits) -> Iterator[Person]:
    given, by_given = _names(rng, 500, (*NICKNAMES, "James", "Maria", "Ana", "Alina", "Alia"), is_surname=False)
    surnames, by_surname = _names(rng, 4_000, (), is_surname=True)
    number = 0
    for home in dwellings:
        landline = ""
        for _ in range(2 if rng.random() < 0.25 else 1):  # the one who moves in next
            surname = rng.choices(surnames, cum_weights=by_surname)[0]
            stays = habits.landline_stays and landline and rng.random() < habits.landline_stays
            landline = landline if stays else phone_number(rng)
            shared = f"{surname.lower()}{number}@family.example"
            household: list[Person] = []
            for _ in range(rng.choices((1, 2, 3, 4), (40, 35, 15, 10))[0]):
                own = surname if rng.random() < 0.8 else rng.choices(surnames, cum_weights=by_surname)[0]
                name = rng.choices(given, cum_weights=by_given)[0]
                phone = landline if rng.random() < 0.4 else phone_number(rng)
                email = (
                    shared
                    if rng.random() < habits.family_email
                    else f"{name.lower()}.{own.lower()}{number}@mail.example"
                )
                born = _BORN_FROM + timedelta(days=rng.randrange(25_000))
                household.append(Person(number, name, own, "", born, phone, email, home))
                number += 1
            if habits.one_account and rng.random() < habits.one_account:
                household = household[:1]
            yield from _special(rng, household, habits)


def _parallel(rng: Random, street: tuple[str, str, str]) -> tuple[str, str, str]:
    """A street that differs in what is easily overlooked: North against South, Street against Court."""
    name, kind, code = street
    if rng.random() < 0.5:
        return f"North {name}", kind, code
    return name, rng.choice([other for other in KINDS if other != kind]), code


def _special(rng: Random, household: list[Person], habits: Habits) -> list[Person]:
    """Fathers and sons of one name, and twins."""
    if len(household) < 2:
        return household
    one, other, *rest = household
    chance = rng.random()
    if chance < habits.fathers_and_sons:
        phone = one.phone if rng.random() < 0.6 else other.phone
        is_told = rng.random() < 0.5
        later = one.born + timedelta(days=rng.randint(7_500, 11_000))
        son = replace(other, given_name=one.given_name, surname=one.surname, born=later, phone=phone)
        return [replace(one, suffix="Sr" if is_told else ""), replace(son, suffix="Jr" if is_told else ""), *rest]
    if chance < habits.fathers_and_sons + habits.twins:
        near = one.given_name[:-1] + rng.choice("aeinsy")
        name = near if rng.random() < 0.3 and near != one.given_name else other.given_name
        return [one, replace(other, given_name=name, surname=one.surname, born=one.born, phone=one.phone), *rest]
    return household
