"""Calendar days as integers since 1970-01-01, in numpy arrays."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
Flags = NDArray[np.bool_]

EPOCH = date(1970, 1, 1)


def day(year: int, month: int, number: int) -> int:
    """One calendar day as a number."""
    return (date(year, month, number) - EPOCH).days


OPEN = day(9999, 12, 31)
"""The end of what has not ended, and the start of what never begins."""


def after_months(days: Days, months: Days | int) -> Days:
    """The same day of the month some months later; the days must not lie after the 28th."""
    dates = days.astype("datetime64[D]")
    first = dates.astype("datetime64[M]")
    return ((first + months).astype("datetime64[D]") + (dates - first)).astype(np.int64)


def not_after_28th(days: Days) -> Days:
    """Days after the 28th moved back to it."""
    dates = days.astype("datetime64[D]")
    first = dates.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.minimum(days, first + 27)
