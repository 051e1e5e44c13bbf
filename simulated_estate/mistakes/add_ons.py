"""Things that are billed on days when nobody has them, and discounts that stay when a part of the bundle goes."""

from datetime import date, timedelta

from simulated_estate.belief import Item
from simulated_estate.catalogue import LEGACY_MAIL, STATIC_IP, TALK_BUNDLE, VOICE
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.markets import Convention
from simulated_estate.mistakes.amounts import steady_offering
from simulated_estate.mistakes.edits import charge_also, count_as, count_by, prolong
from simulated_estate.mistakes.limits import later_day, old_enough


def add_on_kept(stage: Stage) -> Slot:
    """RL-C09: an address that was given up and is billed on, or one that nobody ordered."""
    author = Author(stage)
    start = old_enough(stage)
    is_ordered = stage.turn % 3 != 2
    events.install(author, start, plain_wish(stage, addons=(STATIC_IP,) if is_ordered else ()))
    day = later_day(stage, start)
    if is_ordered:
        events.drop(author, day, STATIC_IP)
        edit = prolong(STATIC_IP, noticed(stage, day))
    else:
        edit = charge_also(Item(STATIC_IP, day))
    mistake = Mistake("RL-C09", f"{STATIC_IP} billed without one since {day}", edit)
    return Slot("add_on_kept", [Story(author.finish(), (mistake,))])


def bundle_kept(stage: Stage) -> Slot:
    """RL-D04: voice was given up, the discount for having both goes on."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, addons=(VOICE,)))
    day = later_day(stage, start)
    events.drop(author, day, VOICE)
    end = noticed(stage, day)
    internet, voice = (prolong(line, end) for line in TALK_BUNDLE)
    mistake = Mistake("RL-D04", f"bundle discount without voice since {day}", lambda belief: voice(internet(belief)))
    return Slot("bundle_kept", [Story(author.finish(), (mistake,))])


def counted_otherwise(stage: Stage) -> Slot:
    """RL-C07: the first month was counted by another convention than the market's."""
    author = Author(stage)
    firsts = [day for day in stage.window.firsts() if (day.replace(day=28) + timedelta(days=4)).day == 1]
    start = stage.rng.choice(firsts) + timedelta(days=stage.rng.randint(4, 24))
    events.install(author, start, plain_wish(stage, offering=steady_offering(stage), addons=()))
    other: Convention = "actual_30" if stage.market.convention != "actual_30" else "actual_actual"
    mistake = Mistake("RL-C07", f"counted by {other}", count_by(other))
    return Slot("counted_otherwise", [Story(author.finish(), (mistake,))])


def unknown_code(stage: Stage) -> Slot:
    """RL-C06: a mailbox of years ago, which billing carries on under a code that no catalogue has."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    since = None if stage.turn % 2 == 0 else later_day(stage, start)
    mistake = Mistake("RL-C06", f"{LEGACY_MAIL} is in no catalogue", charge_also(Item(LEGACY_MAIL, since)))
    return Slot("unknown_code", [Story(author.finish(), (mistake,))])


def miscounted(stage: Stage) -> Slot:
    """RL-C10: several addresses and one of them billed, or fewer than are billed."""
    author = Author(stage)
    start = old_enough(stage)
    is_too_few = stage.turn % 2 == 0
    had, billed = (stage.rng.choice((2, 3, 5)), 1) if is_too_few else (1, 2)
    is_later = stage.turn % 3 == 1
    events.install(author, start, plain_wish(stage, addons=() if is_later else (STATIC_IP,)))
    if is_later:
        events.add(author, later_day(stage, start), STATIC_IP)
    if had > 1:
        events.multiply(author, STATIC_IP, had)
    mistake = Mistake("RL-C10", f"{had} addresses, {billed} billed", count_as(STATIC_IP, billed))
    return Slot("miscounted", [Story(author.finish(), (mistake,))])


def noticed(stage: Stage, day: date) -> date | None:
    """When somebody ended it, in every other case."""
    return day + timedelta(days=stage.rng.randint(12, 60)) if stage.turn % 2 else None
