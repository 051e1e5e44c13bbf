"""What a person types, read as a day or an amount; what is wrong is told with the option it was given for."""

from datetime import date
from decimal import Decimal, InvalidOperation

from canonical_model.errors import ConfigurationError
from canonical_model.money import minor_digits

USUAL_CURRENCY = "USD"
"""Its digits are taken where amounts of several markets are compared."""


def given_day(text: str, option: str) -> date:
    """A day.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} {text}: a day as in 2027-01-31 is expected") from None


def given_minor(text: str, option: str, currency: str = USUAL_CURRENCY) -> int:
    """An amount of major units, in minor units.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return int(Decimal(text).scaleb(minor_digits(currency)))
    except (InvalidOperation, ValueError, OverflowError):
        raise ConfigurationError(f"{option} {text}: an amount as in 20.00 is expected") from None
