"""Which differences an account's adjustments have settled.

An adjustment names no charge. It settles what is owed in its own direction: one in the customer's favour what was
billed too much, one against the customer what was billed too little. One whose reason names a case settles that case
first.
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
        exposure_class: of the finding that it is part of; empty where no rule claims it.
        cases: names under which an adjustment may mean it: those of the cause's findings in every class, as a month
            that could be billed when its adjustment was posted is lost some months later.
    """

    number: int
    cause: str
    period: date
    amount: int
    exposure_class: str = ""
    cases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Correction:
    """An adjustment of a posted bill.

    Attributes:
        amount: minor units, negative in the customer's favour.
        settles_to: months that begin before this day can be settled by it; None if none can.
        case: the case that its reason names; empty where it names none.
        billable_from: the oldest month that could be billed when it was posted.
    """

    ref: str
    posted_on: date
    amount: int
    settles_to: date | None
    case: str = ""
    billable_from: date = date.min


@dataclass(frozen=True, slots=True)
class Settlement:
    """The part of an adjustment that settles one ``Owed``; of the sign of both."""

    number: int
    ref: str
    amount: int


def settle(owed: Sequence[Owed], corrections: Iterable[Correction]) -> Iterator[Settlement]:
    """Allocate the adjustments of one account, the same way every time.

    First those that name a case, to that case; then those whose amount is exactly that of a whole cause, of what of
    a cause is of one class, or of one month of a cause; then the rest, to the oldest month first. Nothing is settled
    twice, and what is left of an adjustment settles nothing.
    """
    left = {one.number: one.amount for one in owed}
    by_age = sorted(owed, key=lambda one: (one.period, one.cause, one.number))
    in_order = sorted(corrections, key=lambda one: (one.posted_on, one.ref))
    rest: dict[str, int] = {one.ref: one.amount for one in in_order}
    for correction in (one for one in in_order if one.case):
        yield from _spent(correction, _named_by(correction, by_age, left), left, rest)
    inexact: list[Correction] = []
    for correction in in_order:
        whole = rest[correction.ref] == correction.amount
        exact = _exact(correction, _settled_by(correction, by_age, left), left) if whole else ()
        if not exact:
            inexact.append(correction)
        for one in exact:
            yield Settlement(one.number, correction.ref, left.pop(one.number))
    for correction in inexact:
        yield from _spent(correction, _settled_by(correction, by_age, left), left, rest)


def _spent(
    correction: Correction, open_: Iterable[Owed], left: dict[int, int], rest: dict[str, int]
) -> Iterator[Settlement]:
    """Settle what is open with what is left of an adjustment, in the order that is given."""
    for one in open_:
        part = min(rest[correction.ref], left[one.number], key=abs)
        if part:
            yield Settlement(one.number, correction.ref, part)
        rest[correction.ref] -= part
        left[one.number] -= part


def _named_by(correction: Correction, by_age: Sequence[Owed], left: Mapping[int, int]) -> list[Owed]:
    """What of its case an adjustment may settle; what could be billed when it was posted comes first."""
    own = [one for one in _settled_by(correction, by_age, left) if correction.case in one.cases]
    return sorted(own, key=lambda one: one.period < correction.billable_from)


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
    """The first cause that it settles whole, else what of one is of one class, else the first month of one."""
    causes: dict[str, list[Owed]] = defaultdict(list)
    classes: dict[tuple[str, str], list[Owed]] = defaultdict(list)
    months: dict[tuple[str, date], list[Owed]] = defaultdict(list)
    for one in open_:
        causes[one.cause].append(one)
        classes[one.cause, one.exposure_class].append(one)
        months[one.cause, one.period].append(one)
    for group in (*causes.values(), *classes.values(), *months.values()):
        if sum(left[one.number] for one in group) == correction.amount:
            return group
    return ()
