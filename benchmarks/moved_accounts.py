"""Accounts that were moved from one billing system to another in one wave, one in fifty of them wrong in one way."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from canonical_model.billing import ChargeLine, Subscription
from canonical_model.customers import Customer
from canonical_model.record import Record
from canonical_model.take_over import AccountBalance, AccountCutOver
from tests.fakes.small_operator import SmallOperator, next_month, serial_of

LEGACY, TARGET, WAVE = "billing", "newbill", "W1"
CUT = date(2026, 2, 1)
JANUARY, MARCH, APRIL = date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1)
WRONG_ONE_IN = 50
RATE = 6000
# fmt: off
GIVEN = (
    "Ana", "Bo", "Carl", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jana", "Karl", "Lena", "Max", "Nora", "Olaf",
    "Pia", "Quin", "Rosa", "Sven", "Tara",
)
FAMILIES = (
    "Abel", "Berg", "Cole", "Dahl", "Eide", "Frost", "Gray", "Holm", "Iver", "Jung", "Kent", "Lund", "Moss", "Nash",
    "Orr", "Pike", "Quist", "Reed", "Stone", "Thorn",
)
# fmt: on
STREETS = ("Elm", "Oak", "Maple", "Birch", "Cedar", "Willow", "Walnut")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a mistake is found by. Bills that a rule explains are no second fault: an account that was dropped is one.

    Attributes:
        rule: that finds it; empty where the step sees it by itself.
        steps: that name its account.
    """

    rule: str
    steps: tuple[str, ...]


MISTAKES: Mapping[str, Mistake] = MappingProxyType(
    {
        "another_device": Mistake("RL-J06", ("device_serials",)),
        "cent_of_balance": Mistake("RL-J03", ("balances",)),
        "dropped": Mistake("RL-J01", ("accounts_there",)),
        "billed_by_both": Mistake("RL-J02", ("billed_once",)),
        "gap": Mistake("RL-J05", ("stub_periods",)),
        "dearer": Mistake("RL-J04", ("bill_to_bill",)),
        "known_already": Mistake("", ("identities",)),
        "other_price": Mistake("", ("plan_map",)),
    }
)
DISMISSED = "gap"


@dataclass(frozen=True, slots=True)
class Planted:
    """Records, and the accounts that are wrong by mistake."""

    by_mistake: Mapping[str, frozenset[str]]
    records: list[Record]


def moved_accounts(accounts: int) -> Planted:
    """All records of a wave of so many accounts."""
    wrong: dict[str, set[str]] = defaultdict(set)
    records: list[Record] = []
    kinds = tuple(MISTAKES)
    for number in range(accounts):
        account = f"{number + 1}"
        mistake = kinds[number // WRONG_ONE_IN % len(kinds)] if number % WRONG_ONE_IN == 0 else ""
        if mistake:
            wrong[mistake].add(account)
        records += _records(account, mistake)
    return Planted({name: frozenset(wrong[name]) for name in kinds}, records)


def _records(account: str, mistake: str) -> list[Record]:
    """What all systems say of one account; each record has an id of its own among those of all accounts."""
    told = SmallOperator()
    told.installed(account)
    rate = RATE - 300 if mistake == "other_price" else RATE
    if mistake == "other_price":
        told.alteration(account, "price_override", code="silver", amount_minor=rate, valid_from=JANUARY, valid_to=CUT)
    told.add(Customer, "crm", account_number=account, **_person(int(account)))
    if mistake == "known_already":
        told.add(Customer, "crm", account_number=f"9{account:0>7}", **_person(int(account)))
    _billed(told, LEGACY, account, JANUARY, rate)
    if mistake == "billed_by_both":
        for day in (CUT, MARCH):
            _billed(told, LEGACY, account, day, rate)
    state = {"state": "active"} if mistake == "billed_by_both" else {"state": "closed", "ends_on": CUT}
    _subscribed(told, LEGACY, account, date(2025, 6, 1), **state)
    listing = {"wave": WAVE, "legacy_system": LEGACY, "target_system": TARGET, "cut_over_on": CUT}
    serial = serial_of(f"9{account}" if mistake == "another_device" else account)
    told.add(AccountCutOver, TARGET, account_number=account, serial=serial, **listing)
    if mistake != "dropped":
        _in_target(told, account, mistake)
    for system, minor in ((LEGACY, 1234), (TARGET, 1235 if mistake == "cent_of_balance" else 1234)):
        balance = {"balance_type": "receivable", "amount_minor": minor, "currency": "USD", "as_of": CUT}
        told.add(AccountBalance, system, account_number=account, **balance)
    return [_own(record, account) for record in told.records]


def _person(number: int) -> dict[str, Any]:
    """A customer; from the 8,000th on names come again, and nothing else does."""
    given, rest = GIVEN[number % len(GIVEN)], number // len(GIVEN)
    family = f"{FAMILIES[rest % len(FAMILIES)]}-{FAMILIES[rest // len(FAMILIES) % len(FAMILIES)]}"
    return {
        "name": f"{given} {family}",
        "birth_date": date(1940, 1, 1) + timedelta(days=number * 7 % 22_000),
        "email": f"{given}.{family}.{number}@example.org".lower(),
        "phone": f"+1612{5550000 + number:07}",
        "address": f"{number} {STREETS[number % len(STREETS)]} Street",
        "postal_code": f"{55101 + number % 61}",
        "city": "Oldtown",
    }


def _in_target(told: SmallOperator, account: str, mistake: str) -> None:
    starts_on = CUT + timedelta(days=7) if mistake == "gap" else CUT
    _subscribed(told, TARGET, account, starts_on, state="active")
    for day in (starts_on, MARCH):
        _billed(told, TARGET, account, day, RATE + 500 if mistake == "dearer" else RATE)


def _billed(told: SmallOperator, system: str, account: str, day: date, rate: int) -> None:
    """A line up to the end of the month, by its days."""
    ends = next_month(day)
    amount = rate * (ends - day).days // (ends - day.replace(day=1)).days
    line: dict[str, Any] = {
        "subscription_id": f"{system}-{account}",
        "billing_code": "SLV",
        "rate_minor": rate,
        "amount_minor": amount,
        "currency": "USD",
        "covers_from": day,
        "covers_to": ends,
        "billed_on": ends,
    }
    told.add(ChargeLine, system, account_number=account, **line)


def _subscribed(told: SmallOperator, system: str, account: str, starts_on: date, **facts: Any) -> None:
    plan = {"subscription_id": f"{system}-{account}", "billing_code": "SLV", "starts_on": starts_on}
    told.add(Subscription, system, account_number=account, **plan, **facts)


def _own(record: Record, account: str) -> Record:
    """The record with names that no other account's has."""
    named = {"source_id": f"{account}-{record.source_id}"}
    if hasattr(record, "work_order_id"):
        named["work_order_id"] = f"{account}-{record.work_order_id}"
    return record.model_copy(update=named)
