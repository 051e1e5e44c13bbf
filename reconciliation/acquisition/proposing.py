"""Propose a plan map: the equal offering where there is one, else the own price of the plan; pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from canonical_model.catalogue import ProductOffering
from reconciliation.acquisition.plans import AcquiredCharge, PlanBook, why_not_equal


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """An acquired plan with what may become of it.

    Attributes:
        monthly_minor: what its accounts pay together in a month, minor units.
        equal: the offering that is equal for every one of them; None where it is to be kept at its own price.
        keeps: the offering of the same tier that it may be kept as, at agreed prices of its accounts; None where the
            catalogue needs one of its own.
        lacking: accounts whose own price is not agreed yet, where ``keeps`` is known.
        is_no_plan: a discount or a fee that the catalogue knows; it needs no entry.
        first_day: on which the first of its accounts is billed by us.
    """

    code: str
    rate_minor: int
    accounts: tuple[str, ...]
    monthly_minor: int
    first_day: date
    equal: str | None = None
    keeps: str | None = None
    lacking: tuple[str, ...] = ()
    is_no_plan: bool = False


def propose_plans(charges: Sequence[AcquiredCharge], book: PlanBook) -> tuple[ProposedPlan, ...]:
    """Every acquired plan by code and price.

    A code that the catalogue knows can only mean its own offering. Any other is held against the offering of the tier
    that the network delivers; where an account has another access plan too it is no access plan, and nothing tells
    what it is equal to.
    """
    by_plan: dict[tuple[str, int], list[AcquiredCharge]] = defaultdict(list)
    has_access = {each.account for each in charges if _is_access(book.known_as(each.code))}
    for each in charges:
        by_plan[each.code, each.rate_minor].append(each)
    return tuple(_proposed(mine, book, has_access) for _, mine in sorted(by_plan.items()))


def _proposed(mine: Sequence[AcquiredCharge], book: PlanBook, has_access: set[str]) -> ProposedPlan:
    first = mine[0]
    accounts = tuple(sorted({each.account for each in mine}))
    money = sum(each.monthly_minor for each in mine)
    plan = ProposedPlan(first.code, first.rate_minor, accounts, money, min(each.day for each in mine))
    known = book.known_as(first.code)
    if known is None and book.is_no_plan(first.code):
        return replace(plan, is_no_plan=True)
    candidate = known or _by_tier(mine, book, has_access)
    if candidate is None:
        return plan
    wrong = {each.account: found for each in mine if (found := why_not_equal(each, candidate, book)) is not None}
    if not wrong:
        return replace(plan, equal=candidate.id)
    if any(kind == "tier" for kind, _ in wrong.values()):
        return plan
    return replace(plan, keeps=candidate.id, lacking=tuple(sorted(wrong)))


def _by_tier(mine: Sequence[AcquiredCharge], book: PlanBook, has_access: set[str]) -> ProductOffering | None:
    tiers = {each.tiers for each in mine}
    if len(tiers) != 1 or has_access.intersection(each.account for each in mine):
        return None
    (only,) = tiers
    return book.offering(only[0]) if len(only) == 1 else None


def _is_access(offering: ProductOffering | None) -> bool:
    return offering is not None and offering.delivered_by == "access"
