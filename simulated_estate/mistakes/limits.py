"""Bills that begin or end on the wrong day."""

from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.ordinary import LATE_CYCLE
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.edits import end_on, start_on


def late_start(day: date) -> Mistake:
    """RL-A02: billing begins on this day and nothing is billed for the days before."""
    return Mistake("RL-A02", f"billing began on {day} only", start_on(day))


def early_start(day: date) -> Mistake:
    """RL-A03: billing begins on the day of the appointment."""
    return Mistake("RL-A03", f"billing began with the appointment on {day}", start_on(day))


def early_end(day: date) -> Mistake:
    """RL-B03: billing ends while the service goes on."""
    return Mistake("RL-B03", f"billing ended on {day}, the line is still live", end_on(day))


def late_end(day: date | None) -> Mistake:
    """RL-B04: billing goes on after the service was ceased."""
    return Mistake("RL-B04", "billing went on after the cease", end_on(day))


def days_late(stage: Stage, start: date) -> date:
    """A day some days or weeks after a start, well inside the window."""
    room = (stage.window.end - start).days - 10
    return start + timedelta(days=stage.rng.randint(4, max(4, min(50, room))))


def old_enough(stage: Stage, share: float = 0.6) -> date:
    """A start that leaves room for something to happen inside the window: mostly years ago."""
    is_crowded = stage.market.is_first_month_free and stage.window.months < 4
    return stage.tenured_day() if stage.chance(share) or is_crowded else stage.early_day(left=80)


def later_day(stage: Stage, start: date, left: int = 25) -> date:
    """A day inside the window, some time after a start, with so many days left."""
    window = stage.window
    first = max(start + timedelta(days=12), window.start + timedelta(days=4))
    return stage.day(first, window.end - timedelta(days=left))


def billed_late(stage: Stage) -> Slot:
    """RL-A02 alone."""
    author = Author(stage)
    start = stage.early_day(left=60)
    events.install(author, start, ordinary_wish(stage))
    return Slot("billed_late", [Story(author.finish(), (late_start(days_late(stage, start)),))])


def billed_early(stage: Stage) -> Slot:
    """RL-A03 alone: the first visit failed, billing took the appointment for the installation."""
    author = Author(stage)
    appointment = stage.early_day(left=50)
    start = appointment + timedelta(days=stage.rng.randint(3, 25))
    events.install(author, start, plain_wish(stage), appointment=appointment)
    return Slot("billed_early", [Story(author.finish(), (early_start(appointment),))])


def closed_but_live(stage: Stage) -> Slot:
    """RL-B03 alone: ceased by order, or closed by somebody's slip; the network never heard of it."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start)
    if stage.turn % 3 != 1:
        events.cease(author, day, is_live=True)
    return Slot("closed_but_live", [Story(author.finish(), (early_end(day),))])


def closed_before_the_bills(stage: Stage) -> Slot:
    """RL-B03 in the cycle whose bills of the last month are to come: that month is lost only when they are out."""
    author = Author(stage, bill_day=LATE_CYCLE)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    end = stage.window.end
    day = stage.day(
        max(later_day(stage, start, left=stage.window.days), end - timedelta(days=150)), end - timedelta(58)
    )
    return Slot("closed_before_the_bills", [Story(author.finish(), (early_end(day),))])


def ceased_but_billed(stage: Stage) -> Slot:
    """RL-B04 alone: ordered and dark, still on the bill, in some cases until somebody noticed."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=35)
    events.cease(author, day, dark="absent" if stage.chance(0.5) else "down")
    noticed = day + timedelta(days=stage.rng.randint(12, 90)) if stage.turn % 3 == 2 else None
    return Slot("ceased_but_billed", [Story(author.finish(), (late_end(noticed),))])
