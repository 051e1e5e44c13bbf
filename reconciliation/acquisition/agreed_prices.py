"""Prices that have to be agreed before a plan keeps its own price: what is lacking, line by line; pure.

The plan map promises; a bill follows the price that is in force. Each line is a ``PriceAlteration`` of the kind
``price_override`` that somebody enters where agreed prices are kept.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from canonical_model.catalogue import ProductOffering
from canonical_model.intervals import OPEN_END
from reconciliation.acquisition.plans import (
    AcquiredCharge,
    Grandfathered,
    OwnPrice,
    PlanBook,
    PlanEntry,
    entry_for,
    holds,
    why_not_equal,
)

_TWO_PRICES = "the account pays two prices for it: each needs an offering of its own"


@dataclass(frozen=True, slots=True)
class PriceToAgree:
    """A price that an account keeps for an offering, and that is not in force.

    Attributes:
        amount_minor: of one, a month, minor units; what is paid now, to the cent.
        valid_from: first day that is billed by us.
        valid_to: day up to and without which it was promised; the last of all days where it never ends.
        why: who promised it.
        instead_of: what is agreed for days of it, and has to end, or to be replaced.
        why_not: why it cannot be agreed so; empty where it can.
        evidence: the bill lines that show what is paid.
    """

    account: str
    offering: str
    amount_minor: int
    valid_from: date
    valid_to: date
    why: str
    instead_of: tuple[OwnPrice, ...] = ()
    why_not: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def is_endless(self) -> bool:
        """Whether it was promised for ever."""
        return self.valid_to == OPEN_END


def prices_to_agree(
    charges: Sequence[AcquiredCharge], entries: Sequence[PlanEntry], book: PlanBook
) -> tuple[PriceToAgree, ...]:
    """What is lacking for every grandfathered plan to keep its price, by account and offering.

    Args:
        charges: of the accounts that are brought in.
        entries: the plan map.
        book: what we sell, with the prices that are agreed already.
    """
    wanted: dict[tuple[str, str], list[PriceToAgree]] = defaultdict(list)
    for charge in charges:
        entry = entry_for(charge.code, charge.rate_minor, entries)
        offering = None if entry is None else book.offering(entry.offering)
        if entry is not None and entry.kept is not None and offering is not None:
            wanted[charge.account, offering.id] += _lacking(charge, offering, entry.kept, book)
    return tuple(line for _, lines in sorted(wanted.items()) for line in _one_each(lines))


def _lacking(
    charge: AcquiredCharge, offering: ProductOffering, kept: Grandfathered, book: PlanBook
) -> Iterator[PriceToAgree]:
    wrong = why_not_equal(charge, offering, book)
    until = kept.until or OPEN_END
    if (wrong is None and holds(charge, offering, kept, book)) or until <= charge.day:
        return
    if wrong is not None and wrong[0] == "tier":
        return  # no price makes another tier of it
    others = tuple(
        each
        for each in book.own_prices.get((charge.account, offering.id), ())
        if each.valid_from < until and charge.day < each.valid_to
    )
    yield PriceToAgree(
        charge.account, offering.id, charge.rate_minor, charge.day, until, kept.why, others, "", charge.evidence
    )


def _one_each(lines: Sequence[PriceToAgree]) -> Iterator[PriceToAgree]:
    """One line for what several subscriptions pay alike; two prices for one offering cannot both be agreed."""
    one_by_amount = {each.amount_minor: each for each in reversed(lines)}
    why_not = _TWO_PRICES if len(one_by_amount) > 1 else ""
    yield from (replace(each, why_not=why_not) for _, each in sorted(one_by_amount.items()))
