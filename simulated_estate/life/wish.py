"""What a customer wants, and which charges follow from it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from simulated_estate.catalogue import AUTOPAY, AUTOPAY_DISCOUNT, INSTALL_FEE, PROMOTIONS, RENTAL, TALK_BUNDLE, VOICE
from simulated_estate.life.records import ItemAction, Term
from simulated_estate.months import add_months


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new customer gets.

    Attributes:
        offering: the access offering that is installed.
        ordered: the one that the order names, where the technician installed another.
        router: whose router the technician leaves there, if any.
        is_rental_ordered: whether the order knows of a leased router.
        is_fee_waived: whether the order already says that installation is free.
        term_months: months for which the customer is bound.
    """

    offering: str
    ordered: str | None = None
    promotion: str | None = None
    addons: tuple[str, ...] = ()
    router: Literal["leased", "customer", ""] = ""
    is_rental_ordered: bool = True
    is_fee_waived: bool = False
    term_months: int | None = None

    @property
    def ordered_offering(self) -> str:
        """The access offering on the order."""
        return self.ordered or self.offering

    def items(self) -> tuple[tuple[str, ItemAction], ...]:
        """The items of the order."""
        products = [self.ordered_offering, *self.addons]
        if self.router == "leased" and self.is_rental_ordered:
            products.append(RENTAL)
        if not self.is_fee_waived:
            products.append(INSTALL_FEE)
        return tuple((product, "add") for product in products)

    def extras(self, start: date) -> tuple[Term, ...]:
        """What is charged each month beside access, from the start of service on."""
        products = [RENTAL] if self.router == "leased" else []
        products += [charged for addon in self.addons for charged in charged_with(addon)]
        return tuple(Term(product, start, None) for product in products)


def charged_with(addon: str) -> tuple[str, ...]:
    """An add-on, and the discount that comes and goes with it."""
    if addon == AUTOPAY:
        return (AUTOPAY_DISCOUNT,)
    return (addon, *TALK_BUNDLE) if addon == VOICE else (addon,)


def promised(promotion: str | None, start: date) -> Term | None:
    """The term of a promotion: its months from the start of service, clipped to month ends."""
    if promotion is None:
        return None
    return Term(promotion, start, add_months(start, PROMOTIONS[promotion].months))
