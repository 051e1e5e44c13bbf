"""The plan map of an acquisition: what each acquired code becomes, and whether somebody's price would change; pure.

A plan becomes one of our offerings only where price and tier are equal. Everything else is grandfathered: it keeps
its own price, as an offering of its own or as an agreed price of each account. Nothing is ever the nearest plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from canonical_model.catalogue import ONE_TIME, Catalogue, ProductOffering
from canonical_model.intervals import OPEN_END
from canonical_model.markets import Market
from canonical_model.money import minor_digits

FaultKind = Literal["unmapped", "no_offering", "price", "tier", "ends_early"]


@dataclass(frozen=True, slots=True)
class AcquiredCharge:
    """What an account pays month by month for one code of the system that it comes from.

    Attributes:
        rate_minor: of one, a month, minor units; negative for a discount.
        day: first day on which it is billed by us.
        tiers: access offerings that are delivered to the account, by the network and the field.
    """

    account: str
    code: str
    rate_minor: int
    quantity: int
    day: date
    tiers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def monthly_minor(self) -> int:
        """What all of them come to in a month."""
        return self.rate_minor * self.quantity


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price that was agreed with an account for an offering; ``valid_to`` is exclusive."""

    account: str
    offering: str
    amount_minor: int
    valid_from: date
    valid_to: date = OPEN_END


@dataclass(frozen=True, slots=True)
class Grandfathered:
    """A plan that keeps its own price: up to and without a day, or never to end (None); and why."""

    until: date | None
    why: str


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """What becomes of an acquired code.

    Attributes:
        rate_minor: only of those that pay this a month; None for all.
        kept: where it is grandfathered; None where the offering is equal.
    """

    code: str
    offering: str
    rate_minor: int | None = None
    kept: Grandfathered | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An acquired plan and what becomes of it: ``entry`` is None where it is a discount or a fee of the catalogue."""

    code: str
    rate_minor: int
    accounts: int
    monthly_minor: int
    entry: PlanEntry | None


@dataclass(frozen=True, slots=True)
class PlanFault:
    """Why the map may not be used for a plan.

    Attributes:
        customers: account, and the cents a month by which it would pay more or less; 0 where no price says so.
    """

    kind: FaultKind
    code: str
    rate_minor: int
    said: str
    customers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PlanJudgement:
    """What the map comes to over the charges of some accounts."""

    lines: tuple[PlanLine, ...]
    faults: tuple[PlanFault, ...]


@dataclass(frozen=True, slots=True)
class PlanBook:
    """What we sell in the market that is brought in, laid out for looking plans up."""

    market: Market
    catalogue: Catalogue
    own_prices: Mapping[tuple[str, str], tuple[OwnPrice, ...]]

    @classmethod
    def of(cls, market: Market, catalogue: Catalogue, own_prices: Iterable[OwnPrice]) -> "PlanBook":
        """The book, with what was agreed with single accounts."""
        by_account: dict[tuple[str, str], tuple[OwnPrice, ...]] = defaultdict(tuple)
        for each in own_prices:
            by_account[each.account, each.offering] += (each,)
        return cls(market, catalogue, dict(by_account))

    def offering(self, offering_id: str) -> ProductOffering | None:
        """The recurring offering of that id that is sold here; None where there is none."""
        return next((each for each in self.recurring() if each.id == offering_id), None)

    def known_as(self, code: str) -> ProductOffering | None:
        """The recurring offering that a billing code means already."""
        return next((each for each in self.recurring() if code in each.billing_codes), None)

    def recurring(self) -> Iterator[ProductOffering]:
        """What is sold here by the month."""
        for each in self.catalogue.offerings:
            is_here = not each.technologies or self.market.technology in each.technologies
            if is_here and each.delivered_by not in ONE_TIME and each.prices_in(self.market.id):
                yield each

    def is_no_plan(self, code: str) -> bool:
        """Whether a code means a discount, a bundle or a one-time fee of the catalogue: none of them is a plan."""
        parts = tuple(part for bundle in self.catalogue.bundles for part in bundle.split or ())
        fees = tuple(each for each in self.catalogue.offerings if each.delivered_by in ONE_TIME)
        kinds = (self.catalogue.promotions, self.catalogue.bundles, parts, fees)
        return any(code in each.billing_codes for items in kinds for each in items)

    def price(self, account: str, offering: ProductOffering, day: date) -> tuple[int, date] | None:
        """What a month of an offering costs an account on a day, minor units, and up to when; None where nobody says.

        An agreed price goes before the list's; of two the one that began later. It is up to the day on which another
        one that was agreed begins, too.
        """
        found = self._price_on(account, offering, day)
        if found is None:
            return None
        amount, up_to = found
        agreed = self.own_prices.get((account, offering.id), ())
        later = (each.valid_from for each in agreed if each.valid_from > day and each.amount_minor != amount)
        return amount, min([up_to, *later])

    def _price_on(self, account: str, offering: ProductOffering, day: date) -> tuple[int, date] | None:
        agreed = [
            each for each in self.own_prices.get((account, offering.id), ()) if each.valid_from <= day < each.valid_to
        ]
        if agreed:
            last = max(agreed, key=lambda each: each.valid_from)
            return last.amount_minor, last.valid_to
        for listed in offering.prices_in(self.market.id):
            if listed.valid_from <= day < listed.valid_to:
                amount = listed.amount.scaleb(minor_digits(self.market.currency))
                return (int(amount), listed.valid_to) if amount == int(amount) else None
        return None


def judge_plans(charges: Sequence[AcquiredCharge], entries: Sequence[PlanEntry], book: PlanBook) -> PlanJudgement:
    """Hold a plan map against what every account pays now.

    Args:
        charges: of the accounts that are brought in.
        entries: the map; one with a rate goes before one for all rates of its code.
        book: what we sell.
    """
    by_plan: dict[tuple[str, int], list[AcquiredCharge]] = defaultdict(list)
    for each in charges:
        by_plan[each.code, each.rate_minor].append(each)
    lines: list[PlanLine] = []
    faults: list[PlanFault] = []
    for (code, rate), mine in sorted(by_plan.items()):
        entry = entry_for(code, rate, entries)
        money = sum(each.monthly_minor for each in mine)
        lines.append(PlanLine(code, rate, len({each.account for each in mine}), money, entry))
        faults.extend(_faults(mine, entry, book))
    return PlanJudgement(tuple(lines), tuple(faults))


def entry_for(code: str, rate_minor: int, entries: Sequence[PlanEntry]) -> PlanEntry | None:
    """What the map says of a code at a price; None where it says nothing."""
    of_code = [each for each in entries if each.code == code]
    exact = (each for each in of_code if each.rate_minor == rate_minor)
    return next(exact, next((each for each in of_code if each.rate_minor is None), None))


def why_not_equal(charge: AcquiredCharge, offering: ProductOffering, book: PlanBook) -> tuple[FaultKind, int] | None:
    """What keeps an offering from being equal to what an account has, with the cents a month; None where it is."""
    if offering.delivered_by == "access" and charge.tiers and offering.id not in charge.tiers:
        return "tier", 0
    price = book.price(charge.account, offering, charge.day)
    if price is None:
        return "price", 0
    return None if price[0] == charge.rate_minor else ("price", (price[0] - charge.rate_minor) * charge.quantity)


def _faults(mine: Sequence[AcquiredCharge], entry: PlanEntry | None, book: PlanBook) -> Iterator[PlanFault]:
    first = mine[0]
    if entry is None:
        if first.rate_minor and not book.is_no_plan(first.code):
            yield _fault("unmapped", mine, "the plan map says nothing of it", dict.fromkeys(_accounts(mine), 0))
        return
    offering = book.offering(entry.offering)
    if offering is None:
        said = f"{entry.offering} is not sold by the month in {book.market.id}"
        yield _fault("no_offering", mine, said, dict.fromkeys(_accounts(mine), 0))
        return
    wrong: dict[FaultKind, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in mine:
        if (found := why_not_equal(each, offering, book)) is not None:
            wrong[found[0]][each.account] += found[1]
        elif entry.kept is not None and not holds(each, offering, entry.kept, book):
            wrong["ends_early"][each.account] += 0
    for kind, customers in sorted(wrong.items()):
        yield _fault(kind, mine, _WORDS[kind].format(offering=offering.id), customers)


_WORDS: dict[FaultKind, str] = {
    "price": "as {offering} it would have another price",
    "tier": "{offering} is another tier than what is delivered",
    "ends_early": "the price of {offering} ends before the promised day",
}


def holds(charge: AcquiredCharge, offering: ProductOffering, kept: Grandfathered, book: PlanBook) -> bool:
    """Whether the price is agreed up to the day on which it may end; the map's word alone changes no bill."""
    price = book.price(charge.account, offering, charge.day)
    return price is not None and price[1] >= (kept.until or OPEN_END)


def _fault(kind: FaultKind, mine: Sequence[AcquiredCharge], said: str, customers: Mapping[str, int]) -> PlanFault:
    return PlanFault(kind, mine[0].code, mine[0].rate_minor, said, tuple(sorted(customers.items())))


def _accounts(mine: Iterable[AcquiredCharge]) -> list[str]:
    return sorted({each.account for each in mine})
