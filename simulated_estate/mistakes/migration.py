"""What goes wrong when accounts are moved from one billing system to another."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from simulated_estate.belief import Belief, Biller, FixedRate
from simulated_estate.biller import bill, by_month
from simulated_estate.catalogue import ACCESS, PROMOTIONS, RENTAL, WELCOME, WINBACK
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import BalanceKind, CutOver
from simulated_estate.life.stage import Loss, Mistake, Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.amounts import steady_offering, wrong_price
from simulated_estate.mistakes.edits import Edit, charge_access, drop_product, end_on, prolong, start_on
from simulated_estate.months import Window, add_months
from simulated_estate.spelling import with_swapped_digits

WAVE = "MS-W1"
_CHANGED: tuple[tuple[BalanceKind, int, int], ...] = (
    ("deposit", 10_000, 0),
    ("receivable", 12_450, 9_950),
    ("unapplied", 3_000, 300),
)
"""A balance, the cents with which the old system closed it, and those with which the new one opened it."""


def dropped(stage: Stage) -> Slot:
    """RL-J01: the old system closed the account, and the new one never loaded it."""
    mistake = Mistake("RL-J01", "closed by the old system, unknown to the new one", _lose)
    return Slot("dropped", [Story(moved(stage, first_of_month(stage), found=()).finish(), (mistake,))])


def not_contiguous(stage: Stage) -> Slot:
    """RL-J05: days between the last bill of the old system and the first of the new one, or days on both."""
    day = first_of_month(stage)
    days = stage.rng.randint(4, 12)
    if stage.turn % 3 == 0:
        return _ended(stage, day, day - timedelta(days=days))
    if stage.turn % 3 == 1:
        late = day + timedelta(days=days)
        mistake = Mistake("RL-J05", f"nothing is billed from {day} to {late}", of_biller("target", start_on(late)))
        return Slot("not_contiguous", [Story(moved(stage, day).finish(), (mistake,))])
    cut = day + timedelta(days=days)
    return _ended(stage, cut, cut + timedelta(days=days))


def billed_by_both(stage: Stage) -> Slot:
    """RL-J02: the old system was never told that the new one has the account."""
    day = first_of_month(stage)
    mistake = Mistake("RL-J02", f"billed by both systems since {day}", of_biller("legacy", end_on(None)))
    return Slot("billed_by_both", [Story(moved(stage, day).finish(), (mistake,))])


def balance_differs(stage: Stage) -> Slot:
    """RL-J03: a debt, a deposit or a payment of no bill came over in part, or not at all."""
    day = first_of_month(stage)
    kind, cents, found = _CHANGED[stage.turn % len(_CHANGED)]
    author = moved(stage, day, left=((kind, cents),), found=((kind, found),) if found else ())
    is_debt = kind == "receivable"
    loss = Loss(
        "RL-J03",
        "balance",
        f"balance/{author.account}-{kind}",
        "under_billed" if is_debt else "over_billed",
        "recoverable" if is_debt else "refund_due",
        {day.replace(day=1): cents - found},
        f"{kind} of {cents} cents, {found} in the new system",
    )
    return Slot("balance_differs", [Story(author.finish(), losses=(loss,))])


def mapped_wrongly(stage: Stage) -> Slot:
    """RL-J04: what the old system billed rightly, the new one bills at another price, or not at all."""
    author = Author(stage)
    kind = stage.turn % 4
    if kind == 1:
        events.install(author, stage.tenured_day(), plain_wish(stage, router="leased"))
        note, edit = "the rental did not come over", drop_product(RENTAL)
    elif kind == 2:
        events.install(author, add_months(stage.window.end, -4), ordinary_wish(stage, promotion=WELCOME))
        note, edit = "the discount did not come over", drop_product(WELCOME)
    else:
        events.install(author, stage.tenured_day(), plain_wish(stage, offering=steady_offering(stage)))
        rate = ACCESS[author.tier].steps[-1][1] + (Decimal("-5.00") if kind else Decimal("2.50"))
        note, edit = f"{author.tier} came over at {rate}", charge_access(FixedRate(rate))
    mistake = Mistake("RL-J04", note, of_biller("target", edit))
    return Slot("mapped_wrongly", [Story(moved(stage, first_of_month(stage), author).finish(), (mistake,))])


def wrong_on_both_sides(stage: Stage) -> Slot:
    """RL-C05 in the old system, and the new one took it over as it was: the move is not its cause."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage, offering=steady_offering(stage)))
    mistake = wrong_price(author.tier, Decimal("-3.00"))
    return Slot("wrong_on_both_sides", [Story(moved(stage, first_of_month(stage), author).finish(), (mistake,))])


def another_device(stage: Stage) -> Slot:
    """RL-J06: the new system was told of a serial with two swapped digits; field and network have the right one."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    serial = with_swapped_digits(author.in_service()[1].serial)
    life = moved(stage, first_of_month(stage), author, serial=serial).finish()
    last = add_months(stage.window.end, -1)
    at_risk = {last: by_month(bill(life.truth, stage.window))[last]}
    note = f"the new system was told of {serial}"
    loss = Loss("RL-J06", "service", author.account, "under_billed", "at_risk", at_risk, note)
    return Slot("another_device", [Story(life, losses=(loss,))])


def expiry_paused(stage: Stage) -> Slot:
    """RL-J07: a discount whose term ended while the job that ends discounts was switched off for the wave."""
    author = Author(stage)
    first, last = job_pause_days(stage.window)
    promotion = (WELCOME, WINBACK)[stage.turn % 2]
    ends_on = stage.day(first, last - timedelta(days=1))
    start = add_months(ends_on, -PROMOTIONS[promotion].months)
    events.install(author, start, plain_wish(stage, promotion=promotion))
    mistake = Mistake("RL-J07", f"{promotion} went on, its job was off", prolong(promotion, None))
    return Slot("expiry_paused", [Story(moved(stage, first_of_month(stage), author).finish(), (mistake,))])


def disconnection_paused(stage: Stage) -> Slot:
    """RL-J07: a customer who left while the job that disconnects was switched off for the wave, and is billed on."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage, term_months=None))
    first, last = job_pause_days(stage.window)
    ceased_on = stage.day(first, last - timedelta(days=1))
    events.cease(author, ceased_on)
    note = f"ceased on {ceased_on} and billed on, the job was off"
    mistake = Mistake("RL-J07", note, end_on(None))
    return Slot("disconnection_paused", [Story(moved(stage, first_of_month(stage), author).finish(), (mistake,))])


def job_pause_days(window: Window) -> tuple[date, date]:
    """Days on which jobs were switched off for the accounts that are moved."""
    return add_months(window.end, -2) + timedelta(days=5), add_months(window.end, -1) + timedelta(days=4)


def of_biller(biller: Biller, edit: Edit) -> Edit:
    """An edit of what one of the two billing systems believes."""

    def edit_one(belief: Belief) -> Belief:
        own = tuple(one for one in belief.subscriptions if one.biller == biller)
        others = tuple(one for one in belief.subscriptions if one.biller != biller)
        edited = edit(replace(belief, subscriptions=own)).subscriptions
        return replace(belief, subscriptions=edited + others if biller == "legacy" else others + edited)

    return edit_one


def _ended(stage: Stage, cut: date, last: date) -> Slot:
    note = f"the old system billed up to {last}, the new one from {cut} on"
    mistake = Mistake("RL-J05", note, of_biller("legacy", end_on(last)))
    return Slot("not_contiguous", [Story(moved(stage, cut).finish(), (mistake,))])


def moved(stage: Stage, day: date, author: Author | None = None, **facts: Any) -> Author:
    """A customer, of years unless told, who is moved on a day, without a fault; ``facts`` are of the ``CutOver``."""
    if author is None:
        author = Author(stage)
        events.install(author, stage.tenured_day(), plain_wish(stage))
    kept = (
        ("receivable", stage.rng.choice((0, 0, 3_995))),
        ("deposit", stage.rng.choice((0, 5_000))),
        ("unapplied", 0),
    )
    serial = author.device.serial if author.device else None
    author.cut_over = CutOver(day, WAVE, **{"serial": serial, "left": kept, "found": kept, **facts})
    return author


def first_of_month(stage: Stage) -> date:
    """The first of one of the last billed months, with a whole month before it."""
    return add_months(stage.window.end, -1 - (stage.turn + 1) % min(3, stage.window.months - 1))


def _lose(belief: Belief) -> Belief:
    kept = tuple(one for one in belief.subscriptions if one.biller == "legacy")
    return replace(belief, subscriptions=kept)
