"""Services that are faster, or slower, than what is billed."""

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish, stepped
from simulated_estate.mistakes.edits import keep_tier
from simulated_estate.mistakes.limits import later_day, old_enough


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
