"""Money: an exact decimal amount in a currency; integers of minor units where it is stored or summed."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Self

from pydantic import Field
from pydantic.dataclasses import dataclass

MINOR_DIGITS = {"CAD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "MXN": 2, "NOK": 2, "SEK": 2, "USD": 2}
"""ISO 4217 minor-unit digits of the currencies that an operator may declare."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
MinorUnits = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""An amount in the currency's smallest unit (cents); signed."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount with its currency; amounts of different currencies never meet.

    Attributes:
        amount: exact decimal in major units.
        currency: ISO 4217 code.
    """

    amount: Decimal
    currency: Currency

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        """Read an integer of minor units."""
        return cls(Decimal(minor).scaleb(-minor_digits(currency)), currency)

    def to_minor(self) -> int:
        """Give the amount as an integer of minor units.

        Raises:
            ValueError: the amount has more decimals than its currency.
        """
        scaled = self.amount.scaleb(minor_digits(self.currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self.amount} has more decimals than {self.currency} has")
        return int(scaled)

    def __add__(self, other: Self) -> Self:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return type(self)(self.amount + other.amount, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:,.{minor_digits(self.currency)}f} {self.currency}"


def minor_digits(currency: str) -> int:
    """Digits after the decimal point of a currency.

    Raises:
        ValueError: a currency nobody declared here.
    """
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        known = ", ".join(sorted(MINOR_DIGITS))
        raise ValueError(f"currency {currency!r} is unknown; known are {known}") from None


def round_half_up(amount: Decimal, digits: int = 2) -> Decimal:
    """Round half away from zero, as invoices do, line by line."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def split_by_largest_remainder(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount over weights so that the parts add up to it exactly.

    Each part gets its share rounded down; the cents left over go to the largest remainders, earlier parts
    first among equals (a bundle discount over its components, for instance).

    Raises:
        ValueError: no positive weight to split over.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and one of them positive")
    sign = -1 if total_minor < 0 else 1
    shares = [divmod(abs(total_minor) * weight, whole) for weight in weights]
    parts = [share for share, _ in shares]
    by_remainder = sorted(range(len(weights)), key=lambda place: -shares[place][1])
    for place in by_remainder[: abs(total_minor) - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]
