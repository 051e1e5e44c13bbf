"""Services that are faster, or slower, than what is billed."""

from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish, stepped
from simulated_estate.mistakes.edits import keep_tier, retier_on
from simulated_estate.mistakes.limits import later_day, old_enough
from simulated_estate.months import next_month


def raised_on_the_box(author: Author, offering: str) -> Mistake:
    """RL-C01: somebody gave the line a faster profile; no order, no report, no bill."""
    stage, before = author.stage, author.tier
    day = later_day(stage, author.in_service()[0].start)
    events.retune(author, day, offering, stage.moment(day))
    return Mistake("RL-C01", f"{offering} on the network since {day}, billed as {before}", keep_tier(before))


def tier_kept(billed: str) -> Mistake:
    """RL-C03: the technician changed the tier, billing kept this one."""
    return Mistake("RL-C03", f"tier changed on site, still billed as {billed}", keep_tier(billed))


def unordered_speed(stage: Stage) -> Slot:
    """RL-C01 alone."""
    author = Author(stage)
    slow, fast = stepped(stage, up=True)
    events.install(author, old_enough(stage), plain_wish(stage, offering=slow))
    mistake = raised_on_the_box(author, fast)
    return Slot("unordered_speed", [Story(author.finish(), (mistake,))])


def slower_on_the_box(stage: Stage) -> Slot:
    """RL-C02: somebody gave the line a slower profile, and nobody told billing or the customer."""
    author = Author(stage)
    fast, slow = stepped(stage, up=False)
    events.install(author, old_enough(stage), plain_wish(stage, offering=fast))
    day = later_day(stage, author.in_service()[0].start)
    events.retune(author, day, slow, stage.moment(day))
    mistake = Mistake("RL-C02", f"{slow} on the network since {day}, billed as {fast}", keep_tier(fast))
    return Slot("slower_on_the_box", [Story(author.finish(), (mistake,))])


def ordered_and_not_billed(stage: Stage) -> Slot:
    """RL-C01 and RL-C02 by turns: a change ordered and made without a visit, of which billing never heard."""
    author = Author(stage)
    is_up = stage.turn % 2 == 0
    before, after = stepped(stage, up=is_up)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, offering=before))
    events.remote_change(author, later_day(stage, start), after)
    mistake = Mistake("RL-C01" if is_up else "RL-C02", f"change to {after} not billed", keep_tier(before))
    return Slot("ordered_and_not_billed", [Story(author.finish(), (mistake,))])


def changed_on_another_day(stage: Stage) -> Slot:
    """RL-C04: billing splits the month at the day of the order, or begins with the next cycle, or weeks too late."""
    author = Author(stage)
    before, after = stepped(stage, up=stage.turn % 2 == 0)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, offering=before))
    day = later_day(stage, start, left=35)
    if stage.turn % 3 == 2:
        events.site_change(author, day, after, is_ordered=True)
    else:
        events.remote_change(author, day, after)
    first = max(start, stage.window.start)
    used = (
        max(first + timedelta(days=1), day - timedelta(days=3)),
        next_month(day) if day.day > 1 else day + timedelta(days=1),
        day + timedelta(days=stage.rng.randint(15, 30)),
    )[stage.turn % 3]
    mistake = Mistake("RL-C04", f"changed on {day}, billed from {used} on", retier_on(used))
    return Slot("changed_on_another_day", [Story(author.finish(), (mistake,))])


def changed_on_site(stage: Stage) -> Slot:
    """RL-C03 alone, by turns: up at the installation, down at it, up at a later visit, down at one."""
    author = Author(stage)
    ordered, delivered = stepped(stage, up=stage.turn % 2 == 0)
    start = old_enough(stage, 0.4)
    if stage.turn % 4 < 2:
        events.install(author, start, plain_wish(stage, offering=delivered, ordered=ordered))
    else:
        events.install(author, start, plain_wish(stage, offering=ordered))
        events.site_change(author, later_day(stage, start), delivered, is_ordered=False)
    return Slot("changed_on_site", [Story(author.finish(), (tier_kept(ordered),))])
