"""Amounts as a reader sees them: exact decimals, texts and cell formats of one currency."""

from decimal import Decimal

from canonical_model.money import Money, minor_digits

_SIGNS = {"CAD": "CA$", "EUR": "€", "GBP": "£", "JPY": "¥", "MXN": "MX$", "USD": "$"}


def major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal of major units, with all digits of the currency."""
    return Money.from_minor(minor, currency).amount


def amount_text(minor: int, currency: str) -> str:
    """An amount for people: ``$1,234.50``, ``-€3.00``, ``NOK 12.00``."""
    minus = "-" if minor < 0 else ""
    return f"{minus}{_sign(currency)}{abs(major(minor, currency)):,.{minor_digits(currency)}f}"


def axis_text(minor: int, currency: str) -> str:
    """A short amount for an axis: ``$2.5M``, ``$12k``, ``$1,500``; exact for the round numbers that axes have."""
    amount = major(minor, currency)
    for size, suffix in ((1_000_000, "M"), (10_000, "k")):
        if amount >= size:
            unit = 1_000_000 if suffix == "M" else 1_000
            return f"{_sign(currency)}{(amount / unit).normalize():f}{suffix}"
    return f"{_sign(currency)}{amount.normalize():,f}"


def cell_format(currency: str) -> str:
    """The number format of a workbook cell that holds an amount."""
    digits = minor_digits(currency)
    number = "#,##0" + ("." + "0" * digits if digits else "")
    sign = f"[${_sign(currency)}]" if currency in _SIGNS else f'"{currency}" '
    return f"{sign}{number};-{sign}{number}"


def _sign(currency: str) -> str:
    return _SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
