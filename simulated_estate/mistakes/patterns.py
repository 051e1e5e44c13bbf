"""Bills that every record agrees with, and that are nothing like what the account was billed before."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from simulated_estate.belief import Belief
from simulated_estate.biller import Line, bill
from simulated_estate.catalogue import EARLY_END_FEE, INSTALL_FEE, OUTLET_FEE, RECONNECT_FEE, VISIT_FEE
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Loss, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import later_day
from simulated_estate.months import Window, add_months
from simulated_estate.spelling import bill_number

_ONE_TIME = (INSTALL_FEE, RECONNECT_FEE, EARLY_END_FEE, OUTLET_FEE, VISIT_FEE)
_HISTORY, _LEAST_HISTORY = 12, 3
_TIMES_SPREAD, _LEAST_CENTS = 6, 35_000


def outlets_typed_wrong(stage: Stage) -> Slot:
    """RL-C12: a technician put in one outlet and typed a dozen; report and bill agree on that."""
    author, day = billed_for_months(stage)
    events.add_outlets(author, day, stage.rng.randint(12, 15))
    return out_of_pattern("outlets_typed_wrong", author)


def discount_typed_wrong(stage: Stage) -> Slot:
    """RL-C12: a discount of 15.00 was approved as one of 150.00, and is given: the month costs less than nothing."""
    author, day = billed_for_months(stage)
    events.grant(author, Decimal("-150.00"), day, day + timedelta(days=stage.rng.randint(40, 70)))
    return out_of_pattern("discount_typed_wrong", author)


def billed_for_months(stage: Stage) -> tuple[Author, date]:
    """A customer for years, and a day after the first few bills of the window, if it has room for them."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    return author, later_day(stage, min(add_months(stage.window.start, 3), stage.window.end - timedelta(days=50)))


def out_of_pattern(role: str, author: Author) -> Slot:
    """A life with what its odd bills are away from the usual ones."""
    life, window = author.finish(), author.stage.window
    losses = tuple(
        Loss(
            "RL-C12",
            "bill",
            f"bill/{bill_number(life.market, life.account, billed_on)}",
            "under_billed" if cents > 0 else "over_billed",
            "at_risk",
            {billed_on.replace(day=1): abs(cents)},
            "nothing like the bills before it",
        )
        for billed_on, cents in odd_bills(life.truth, window)
    )
    return Slot(role, [Story(life, losses=losses)])


def odd_bills(belief: Belief, window: Window) -> Iterator[tuple[date, int]]:
    """Date of each bill that is out of its account's pattern, and by how many cents it is below the usual one.

    A bill is held against at most a dozen before it, three at least: by its recurring charges where they come to
    nothing or less, else by all of it where that is away by a multiple of the usual spread, and by a lot of money.
    """
    lines = sorted(bill(belief, window), key=lambda line: line.billed_on)
    totals: list[int] = []
    recurrings: list[int] = []
    for billed_on, group in groupby(lines, lambda line: line.billed_on):
        own = list(group)
        total, recurring = _cents(own), _cents([line for line in own if line.product not in _ONE_TIME])
        before, recurring_before = totals[-_HISTORY:], recurrings[-_HISTORY:]
        if len(before) >= _LEAST_HISTORY:
            usual, usual_recurring = _whole(_middle(before)), _whole(_middle(recurring_before))
            spread = _whole(_middle([abs(amount - _middle(before)) for amount in before]))
            if recurring <= 0 < usual_recurring and any(line.product not in _ONE_TIME for line in own):
                yield billed_on, usual_recurring - recurring
            elif recurring > 0 and abs(usual - total) > max(_TIMES_SPREAD * spread, _LEAST_CENTS):
                yield billed_on, usual - total
        totals.append(total)
        recurrings.append(recurring)


def _cents(lines: list[Line]) -> int:
    return int(sum((line.amount for line in lines), Decimal(0)) * 100)


def _middle(amounts: Sequence[int | Decimal]) -> Decimal:
    """The middle one of amounts in order, or half way between the two in the middle."""
    ordered = sorted(Decimal(amount) for amount in amounts)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
