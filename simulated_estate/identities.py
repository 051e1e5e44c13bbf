"""Who is who in truth, and what the CRM holds twice; only a judge may read the truth.

Some customers are entered a second time by another clerk, and never order on that account. Some people have two
accounts, each with its service. Some premises are surveyed a second time and spelled in another way. Flats in one
building are not the same premise, however alike their addresses are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from simulated_estate.bookkeeping.crm import account_row, premise_row
from simulated_estate.books import Row
from simulated_estate.life.holders import Holder, holder_of, typed_again
from simulated_estate.life.numbers import spare_account, spare_premise
from simulated_estate.life.records import Life, Premise
from simulated_estate.life.stage import Slot

_CYCLE, _ENTERED_TWICE, _TWO_ACCOUNTS, _SURVEYED_TWICE = 40, 17, 23, 9


@dataclass(slots=True)
class Identities:
    """The truth, by Id in the CRM.

    Attributes:
        person_of: key of the person or company that holds an account.
        dwelling_of: key of the place that a premise is.
    """

    person_of: dict[str, str] = field(default_factory=dict)
    dwelling_of: dict[str, str] = field(default_factory=dict)


def holders_of(slot: Slot, position: int, before: Slot | None) -> list[Holder]:
    """Who holds each account of a slot, in the order of its stories.

    Args:
        slot: what the position brings.
        position: of the slot.
        before: the slot one position earlier, where ``needs_the_one_before`` asked for it.
    """
    holders = [holder_of(story.life) for story in slot.stories]
    other = _private(before) if before is not None else None
    if other is not None and holders and _private(slot) is not None:
        again = typed_again(holder_of(other), Random(f"second account {position}"))
        holders[0] = replace(again, key=holder_of(other).key)
    return holders


def needs_the_one_before(position: int) -> bool:
    """Whether the customer at a position may be the one of the position before, on an account of his own."""
    return position % _CYCLE == _TWO_ACCOUNTS


def second_entries(slot: Slot, holders: list[Holder], position: int) -> Iterator[tuple[str, Row, str]]:
    """What the CRM holds a second time: sObject, row, and the key of whom or what it is."""
    life = _private(slot)
    if life is None:
        return
    rng = Random(f"entered twice {position}")
    if position % _CYCLE == _ENTERED_TWICE:
        again = replace(life, account=spare_account(position))
        yield "Account", account_row(again, typed_again(holders[0], rng)), holders[0].key
    if position % _CYCLE == _SURVEYED_TWICE:
        premise = life.premises[0]
        row = premise_row(life, replace(premise, number=spare_premise(position)))
        yield "Premise__c", row | _in_one_line(premise), dwelling_key(premise)


def dwelling_key(premise: Premise) -> str:
    """What a place is called in truth."""
    return f"dwelling {premise.number}"


def _private(slot: Slot) -> Life | None:
    """The first account of a slot, where a person holds it."""
    lives = [story.life for story in slot.stories]
    return lives[0] if lives and lives[0].segment == "residential" else None


def _in_one_line(premise: Premise) -> Row:
    short = {"Street": "St.", "Avenue": "Ave", "Road": "Rd", "Lane": "Ln", "Drive": "Dr."}[premise.kind]
    unit = f" Unit {premise.unit}" if premise.unit else ""
    return {"Street__c": f"{premise.house} {premise.street} {short}{unit}", "Unit__c": None}
