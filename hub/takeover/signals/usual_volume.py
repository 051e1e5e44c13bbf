"""Whether the last days of a stream brought far less, or far more, than such days do; pure.

Records come in clumps: one visit of a technician brings ten at once, and a small market has days without any. How
much a stream scatters is therefore read off its own days, and it is quiet only where so little is next to impossible.
A stream that brings little is given more days before that is said. A bill run brings more on one day than all days
around it: what is usual is a middle day, not the mean, and a day such as there was one weeks or a month ago, or such
as come now and then, is no shouting. One day on which everything was read anew excuses none that comes later.
"""

from collections.abc import Collection, Mapping
from math import log, sqrt
from statistics import median_low

from rules.feed_quality import DAYS_OF_A_WEEK, FEWEST_DAYS, days_like

_FEWEST = 10
"""Of fewer in all days that are looked at nothing can be said."""
_LONGEST = 14
"""Days that a stream which brings little is waited for."""
_A_ROUND_AGO = frozenset({7, 14, 21, *range(26, 35)})
"""Weeks, and a month: bills of one are made up to three days earlier or later than those of another."""
_IMPOSSIBLE = log(1e-6)
"""A stream is looked at some hundred times a day."""


def unusual(days: Mapping[int, int], holidays: Collection[int]) -> str:
    """What is unusual about the last days; empty where nothing is, or where too little is known to say.

    Args:
        days: how much each day brought, 0 being the last; as ``rules.feed_quality.changes_by_day``.
        holidays: days on which less happens.
    """
    if 0 in holidays or 0 not in days:
        return ""
    for span in range(1, _LONGEST + 1):
        before = {day: count for day, count in days.items() if day >= span and day not in holidays}
        window = [day for day in range(span) if day in days and day not in holidays]
        if len(before) < FEWEST_DAYS or sum(day not in days for day in range(span)) > 1:
            return ""
        alike = [days_like(day, before)[0] for day in range(DAYS_OF_A_WEEK)]
        middles = [median_low(each) for each in alike]
        usual = {day: middles[day % DAYS_OF_A_WEEK] for day in {*window, *before}}
        expected = sum(usual[day] for day in window)
        if expected < _FEWEST:
            continue
        clump = _clump(before, usual, min(map(len, alike)))
        seen, said = sum(days[day] for day in window), "a day" if span == 1 else f"{span} days"
        if 5 * seen < expected and _is_impossible(seen / clump, expected / clump):
            return f"brought {seen} within {said}, and {round(expected)} are usual"
        if (
            span == 1
            and seen > 4 * expected
            and seen > 2 * _comes_again(days)
            and seen > expected + 12 * (sqrt(clump * expected) + clump)
        ):
            return f"brought {seen} within {said}, and only {round(expected)} are usual"
    return ""


def _comes_again(days: Mapping[int, int]) -> int:
    """The most that one of the days brought which come again: it was weeks or a month ago, or there were two, apart.

    Holidays are among them, as bills are made on the first of January too. What was read over midnight is on two days
    that are side by side, and happened once.
    """
    before = {day: count for day, count in days.items() if day > 0}
    fullest = max(before, key=lambda day: before[day])
    return max((count for day, count in before.items() if day in _A_ROUND_AGO or abs(day - fullest) > 1), default=0)


def _clump(before: Mapping[int, int], usual: Mapping[int, float], alike: int) -> float:
    """How many records come at once: by how much more a day scatters than single events would, at least 1.

    Days were held against a middle that is of themselves, and the day that is judged was not: with n days alike it
    scatters (n + 1) / (n - 1) times as much. The wildest tenth of the days counts as the one before it, so that one
    on which everything was read anew does not tell it.
    """
    scatter = sorted((count - usual[day]) ** 2 / usual[day] for day, count in before.items() if usual[day] > 0)
    if not scatter:
        return 1.0
    most = scatter[(len(scatter) - 1) * 9 // 10]
    return max(1.0, (alike + 1) / (alike - 1) * sum(min(each, most) for each in scatter) / len(scatter))


def _is_impossible(seen: float, usual: float) -> bool:
    """Whether so few of so many have a chance of less than one in a million (Chernoff's bound for a Poisson)."""
    return seen - usual + (seen * log(usual / seen) if seen else 0.0) < _IMPOSSIBLE
