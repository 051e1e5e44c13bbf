"""Who holds an account: what tells a person from another of the same name, and how it is typed a second time.

Chance comes from the account's number, so that nothing else in the estate is told otherwise for it.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from simulated_estate.life.records import Life
from simulated_estate.markets import Market

_SHORT = {"Benjamin": "Ben", "Paul": "Pauly", "Grace": "Gracie", "Rosa": "Rosie", "Liam": "William", "Dev": "Devon"}
_AREA_CODES = {"riverbend": "518", "mesa": "970", "northshore": "204"}
_BORN_FROM = date(1938, 1, 1)


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or company.

    Attributes:
        key: who it truly is; two accounts of one person have one.
        birth_date: of a person; None where the CRM does not know it, and of a company.
        email, phone: None likewise.
    """

    key: str
    name: str
    email: str | None
    phone: str | None
    birth_date: date | None


def holder_of(life: Life) -> Holder:
    """Who holds the account of a life."""
    rng = Random(f"holder of {life.account}")
    name, key = life.name, _key(life)
    mailbox = name.lower().replace(" ", ".").replace("'", "")
    born = _BORN_FROM + timedelta(days=rng.randrange(24_000))
    holder = Holder(
        key,
        name,
        f"{mailbox}{life.account}@mail.example" if rng.random() < 0.7 else None,
        _phone(rng, life.market) if rng.random() < 0.85 else None,
        born if rng.random() < 0.75 else None,
    )
    if life.segment == "residential":
        return holder
    return _company(holder)


def typed_again(holder: Holder, rng: Random) -> Holder:
    """The same, as another clerk typed it: last name first, a short form, another spelling of the telephone."""
    first, _, last = holder.name.partition(" ")
    name = rng.choice(
        (f"{last}, {first}", f"{_SHORT.get(first, first)} {last}", f"{first} {rng.choice('ABCDJMR')}. {last}")
    )
    phone = holder.phone and f"({holder.phone[:3]}) {holder.phone[4:]}"
    email = holder.email and holder.email.upper()
    return replace(holder, name=name, phone=phone, email=email if rng.random() < 0.8 else None)


def _key(life: Life) -> str:
    if life.segment == "residential":
        return f"person {life.account}"
    return "the operator" if life.segment == "internal" else f"company {life.name} {life.premises[0].number}"


def _company(holder: Holder) -> Holder:
    """A company's accounts have its office in common: what is the same for the name and the place."""
    rng = Random(holder.key)
    mailbox = f"{holder.name.lower().replace(' ', '-')}-{rng.randint(10, 99)}"
    office = f"{rng.randint(200, 999)}-555-{rng.randint(0, 9999):04d}"
    return replace(holder, email=f"office@{mailbox}.example", phone=office, birth_date=None)


def _phone(rng: Random, market: Market) -> str:
    return f"{_AREA_CODES[market.id]}-{rng.randint(201, 989)}-{rng.randint(0, 9999):04d}"
