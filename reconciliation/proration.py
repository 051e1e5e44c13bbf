"""How parts of a month are charged, as SQL macros that the views stand on.

``prorated(unit_price, factor, from, to, month_from, month_to)`` gives minor units of the currency: price times
days over the convention's divisor, rounded half up (away from zero), once for each line. The integer arithmetic is
exact; nothing here is ever a binary float.
"""

from canonical_model.catalogue import ProrationConvention
from reconciliation.price_book import FULL_FACTOR

_DAYS_360 = "((year(t) - year(f)) * 360 + (month(t) - month(f)) * 30 + least(day(t), 30) - least(day(f), 30))"

_SHARE: dict[ProrationConvention, tuple[str, str]] = {
    "actual_actual": ("date_diff('day', f, t)", "date_diff('day', month_from, month_to)"),
    "actual_30": ("(CASE WHEN f = month_from AND t = month_to THEN 30 ELSE date_diff('day', f, t) END)", "30"),
    "thirty_360": (f"(CASE WHEN f = month_from AND t = month_to THEN 30 ELSE {_DAYS_360} END)", "30"),
    "none": ("1", "1"),
}
"""Numerator and divisor of the share of a month that the days from f up to and without t make."""


def proration_macros(convention: ProrationConvention, price_scale: int) -> list[str]:
    """Statements that define ``half_up``, ``prorated`` and their parts for one market.

    ``prorated`` gives 0 where the interval is empty or turned round, so that clipping needs no CASE at its callers.
    """
    share, divisor = _SHARE[convention]
    scale = FULL_FACTOR * price_scale
    bodies = {
        "half_up(n, d)": "(2 * n + sign(n) * d) // (2 * d)",  # // drops the rest, whatever the sign
        "prorated(unit_price, factor, f, t, month_from, month_to)": (
            "CASE WHEN f < t THEN"
            f" half_up(unit_price::BIGINT * factor * {share}, ({divisor})::BIGINT * {scale}) ELSE 0 END"
        ),
        "price_scale()": str(price_scale),
        "share_days(f, t, month_from, month_to)": share,
        "share_of(month_from, month_to)": divisor,
    }
    return [f"CREATE MACRO {signature} AS {body}" for signature, body in bodies.items()]
