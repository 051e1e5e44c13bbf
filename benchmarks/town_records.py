"""What two systems hold of a town's people and homes, and the truth: each record is known by its person."""

from dataclasses import dataclass
from datetime import date
from random import Random

from benchmarks.habits import USUAL, Habits
from benchmarks.households import KINDS, NICKNAMES, Dwelling, Person, homes, persons, phone_number, word
from canonical_model.customers import Customer
from canonical_model.places import Premise

_SYSTEMS = ("crm", "bought")
_UNITS = ("Apt {}", "Unit {}", "#{}", "Apt. {}")


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


def town(dwellings: int, seed: int, habits: Habits = USUAL) -> Town:
    """A town of so many homes; the same seed gives the same town."""
    rng = Random(seed)
    made = homes(rng, dwellings, habits)
    customers, person_of = _customers(rng, persons(rng, made, habits), made, habits)
    premises, dwelling_of = _premises(rng, made, habits)
    return Town(tuple(customers), tuple(premises), person_of, dwelling_of)


def _customers(
    rng: Random, people: list[Person], dwellings: list[Dwelling], habits: Habits
) -> tuple[list[Customer], dict[str, int]]:
    records: list[Customer] = []
    person_of: dict[str, int] = {}
    numbers = dict.fromkeys(_SYSTEMS, 10_000)
    for person in people:
        for system in _SYSTEMS:
            times = rng.choices((0, 1, 2), (30, 69, 1))[0]  # two accounts of one person
            for _ in range(times):
                numbers[system] += 1  # the bought company counts from the same number on
                record = _customer(rng, person, system, numbers[system], dwellings, habits)
                records.append(record)
                person_of[str(record.source)] = person.number
    rng.shuffle(records)
    return records, person_of


def _customer(
    rng: Random, person: Person, system: str, number: int, dwellings: list[Dwelling], habits: Habits
) -> Customer:
    chance = rng.random
    name = _name(rng, person, system, habits)
    home = person.home if chance() > 0.08 else rng.choice(dwellings)  # moved, and one system does not know
    address, unit = _address(rng, home, system, habits)
    return Customer(
        market="springfield",
        source_system=system,
        source_object="customer",
        source_id=str(number),
        account_number=str(number),
        name=name,
        email=_email(rng, person, habits) if chance() > 0.35 else None,
        phone=_phone(rng, person, habits) if chance() > 0.2 else None,
        birth_date=_birth_date(rng, person.born, habits),
        address=address,
        unit=unit,
        city="Springfield",
        postal_code=home.postal_code,
    )


def _name(rng: Random, person: Person, system: str, habits: Habits) -> str:
    given = person.given_name
    if rng.random() < habits.nickname:
        given = NICKNAMES.get(given, given)
    surname = person.surname if rng.random() > 0.012 else word(rng, 2)  # married
    if habits.double_surname and rng.random() < habits.double_surname:
        surname = f"{surname}-{word(rng, 2)}"
    name = f"{_typo(rng, given, habits)} {_typo(rng, surname, habits)} {_suffix(rng, person)}".strip()
    if habits.middle_initial and rng.random() < habits.middle_initial:
        first, rest = name.split(" ", 1)
        name = f"{first} {chr(65 + person.number % 26)}. {rest}"
    if system == "bought" and rng.random() < 0.3:
        name = f"{name.split(' ', 1)[1]}, {name.split(' ', 1)[0]}"
    return name


def _suffix(rng: Random, person: Person) -> str:
    return person.suffix if rng.random() < 0.6 else ""


def _email(rng: Random, person: Person, habits: Habits) -> str:
    if habits.placeholder and rng.random() < habits.placeholder:
        return "none@none.com"
    if habits.second_email and rng.random() < habits.second_email:
        return f"{person.surname.lower()}.{person.number}@work.example"
    return person.email


def _phone(rng: Random, person: Person, habits: Habits) -> str:
    if habits.placeholder and rng.random() < habits.placeholder:
        return "(555) 123-4567"
    phone = person.phone if rng.random() > 0.08 else phone_number(rng)
    if habits.phone_slip and rng.random() < habits.phone_slip:
        phone = f"{phone[:7]}{phone[8]}{phone[7]}{phone[9]}"
    return _spelled_phone(rng, phone)


def _birth_date(rng: Random, born: date, habits: Habits) -> date | None:
    if habits.placeholder and rng.random() < habits.placeholder:
        return date(1900, 1, 1)
    if habits.date_slip and rng.random() < habits.date_slip:
        if born.day <= 12 and rng.random() < 0.6:
            return born.replace(month=born.day, day=born.month)
        return born.replace(year=born.year + rng.choice((-1, 1, 10)), day=min(born.day, 28))
    chance = rng.random()
    if chance < habits.no_birth_date:
        return None
    return born if chance < 0.98 else born.replace(day=1 + born.day % 28)


def _address(rng: Random, home: Dwelling, system: str, habits: Habits) -> tuple[str, str | None]:
    kind = home.kind if system == "crm" else rng.choice((home.kind, KINDS[home.kind], f"{KINDS[home.kind]}."))
    line = f"{home.house} {_typo(rng, home.street, habits)} {kind}"
    if not home.unit or rng.random() < (0.02 if system == "crm" else 0.08):
        return line, None
    if system == "crm":
        return line, home.unit
    return f"{line} {rng.choice(_UNITS).format(home.unit)}", None


def _spelled_phone(rng: Random, phone: str) -> str:
    form = rng.choice(("{}{}{}", "({}) {}-{}", "+1 {} {} {}", "{}-{}-{}"))
    return form.format(phone[:3], phone[3:6], phone[6:])


def _typo(rng: Random, text: str, habits: Habits) -> str:
    if rng.random() > habits.typing_mistake or len(text) < 4:
        return text
    place = rng.randrange(1, len(text) - 1)
    return rng.choice(
        (
            text[:place] + text[place + 1 :],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
            text[:place] + rng.choice("aeiourstln") + text[place:],
        )
    )


def _premises(rng: Random, dwellings: list[Dwelling], habits: Habits) -> tuple[list[Premise], dict[str, int]]:
    records: list[Premise] = []
    dwelling_of: dict[str, int] = {}
    for home in dwellings:
        for system in _SYSTEMS:
            if rng.random() < 0.15:
                continue
            address, unit = _address(rng, home, system, habits)
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
