"""Which differences an account's adjustments have settled.

An adjustment names no charge. It settles what is owed in its own direction: one in the customer's favour what was
billed too much, one against the customer what was billed too little.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Owed:
    """What one cause is worth in one month.

    Attributes:
        number: its own number.
        cause: months of one cause belong together.
        amount: minor units of expected minus billed: negative where it is owed to the customer.
    """

    number: int
    cause: str
    period: date
    amount: int


@dataclass(frozen=True, slots=True)
class Correction:
    """An adjustment of a posted bill.

    Attributes:
        amount: minor units, negative in the customer's favour.
        settles_to: months that begin before this day can be settled by it; None if none can.
    """

    ref: str
    posted_on: date
    amount: int
    settles_to: date | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The part of an adjustment that settles one ``Owed``; of the sign of both."""

    number: int
    ref: str
    amount: int


def settle(owed: Sequence[Owed], corrections: Iterable[Correction]) -> Iterator[Settlement]:
    """Allocate the adjustments of one account, the same way every time.

    First those whose amount is exactly that of a whole cause, or of one month of a cause; then the rest, to the
    oldest month first. Nothing is settled twice, and what is left of an adjustment settles nothing.
    """
    left = {one.number: one.amount for one in owed}
    by_age = sorted(owed, key=lambda one: (one.period, one.cause, one.number))
    inexact: list[Correction] = []
    for correction in sorted(corrections, key=lambda one: (one.posted_on, one.ref)):
        exact = _exact(correction, _settled_by(correction, by_age, left), left)
        if not exact:
            inexact.append(correction)
        for one in exact:
            yield Settlement(one.number, correction.ref, left.pop(one.number))
    for correction in inexact:
        rest = correction.amount
        for one in _settled_by(correction, by_age, left):
            part = min(rest, left[one.number], key=abs)
            if part:
                yield Settlement(one.number, correction.ref, part)
            rest -= part
            left[one.number] -= part


def _settled_by(correction: Correction, by_age: Sequence[Owed], left: Mapping[int, int]) -> list[Owed]:
    """What an adjustment may settle, oldest month first."""
    if correction.settles_to is None:
        return []
    return [
        one
        for one in by_age
        if one.period < correction.settles_to and left.get(one.number, 0) * correction.amount > 0
    ]


def _exact(correction: Correction, open_: Sequence[Owed], left: Mapping[int, int]) -> Sequence[Owed]:
    """The first cause that it settles whole, else the first month of one; nothing if its amount fits none."""
    causes: dict[str, list[Owed]] = defaultdict(list)
    months: dict[tuple[str, date], list[Owed]] = defaultdict(list)
    for one in open_:
        causes[one.cause].append(one)
        months[one.cause, one.period].append(one)
    for group in (*causes.values(), *months.values()):
        if sum(left[one.number] for one in group) == correction.amount:
            return group
    return ()
