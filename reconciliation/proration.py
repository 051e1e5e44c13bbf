"""How parts of a billing period are charged, as SQL macros that the views stand on.

``month_from`` and ``month_to`` are a calendar month, or the regular period from one anchor day to the next that a
part or a stub lies in. ``prorated(unit_price, factor, from, to, month_from, month_to)`` gives minor units of the
currency: price times days over the convention's divisor, rounded once for each line. The integer arithmetic is exact;
nothing here is ever a binary float.
"""

from canonical_model.catalogue import Proration, ProrationConvention, RoundingMode
from reconciliation.price_book import FULL_FACTOR

_END_360 = "greatest({month_to}, {month_from} + 30)"
_DAYS_360 = (
    f"(CASE WHEN t = month_to THEN {_END_360} ELSE {{t}} END"
    f" - CASE WHEN f = month_from THEN {_END_360} - 30 ELSE {{f}} END)"
).format(
    **{
        day: f"(year({day}) * 360 + month({day}) * 30 + least(day({day}), 30))"
        for day in ("f", "t", "month_from", "month_to")
    }
)
"""Every day has a place in a calendar of months of 30 days. A period has 30 of them from its first day to its end,
also where a short month has no anchor day: there 28 February stands for the 30th."""

_WHOLE_MONTHS = "CAST(date_trunc('month', day - 1) + INTERVAL 1 MONTH AS DATE)"
"""The first day of a month, from a day on."""

_SHARE: dict[ProrationConvention, tuple[str, str]] = {
    "actual_actual": ("date_diff('day', f, t)", "date_diff('day', month_from, month_to)"),
    "actual_30": ("(CASE WHEN f = month_from AND t = month_to THEN 30 ELSE date_diff('day', f, t) END)", "30"),
    "thirty_360": (f"(CASE WHEN f = month_from AND t = month_to THEN 30 ELSE {_DAYS_360} END)", "30"),
    "none": ("1", "1"),
}
"""Numerator and divisor of the share of a month that the days from f up to and without t make."""

_ROUNDED: dict[RoundingMode, str] = {
    "half_up": "(2 * n + sign(n) * d) // (2 * d)",
    "half_even": "n // d + CASE WHEN 2 * abs(n % d) + abs((n // d) % 2) > d THEN sign(n) ELSE 0 END",
    "down": "n // d",
    "up": "(n + sign(n) * (d - 1)) // d",
}
"""n over d, which is above 0, as a whole number; ``//`` drops the rest and ``%`` has the sign of n."""


def proration_macros(proration: Proration, price_scale: int) -> list[str]:
    """Statements that define ``rounded``, ``prorated``, ``charged_from`` and their parts for one market.

    ``prorated`` gives 0 where the interval is empty or turned round, so that clipping needs no CASE at its callers.
    """
    share, divisor = _SHARE[proration.convention]
    scale = FULL_FACTOR * price_scale
    bodies = {
        "rounded(n, d)": _ROUNDED[proration.rounding],
        "prorated(unit_price, factor, f, t, month_from, month_to)": (
            "CASE WHEN f < t THEN"
            f" rounded(unit_price::BIGINT * factor * {share}, ({divisor})::BIGINT * {scale}) ELSE 0 END"
        ),
        "price_scale()": str(price_scale),
        "share_days(f, t, month_from, month_to)": share,
        "share_of(month_from, month_to)": divisor,
        "charged_from(day)": _WHOLE_MONTHS if proration.first_month == "free" else "day",
    }
    return [f"CREATE MACRO {signature} AS {body}" for signature, body in bodies.items()]
