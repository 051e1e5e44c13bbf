"""Things that come late, early or twice and are right nevertheless."""

from dataclasses import replace
from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import another_offering, ordinary_wish, plain_wish, stepped
from simulated_estate.mistakes.limits import later_day, old_enough
from simulated_estate.months import add_months, next_month


def back_dated_line(stage: Stage) -> Slot:
    """Looks like RL-A02: the first months stand on a later bill and cover the right days."""
    author = Author(stage)
    start = stage.early_day(left=120)
    events.install(author, start, ordinary_wish(stage))
    author.amend_service(
        first_bill=min(add_months(next_month(stage.market.charged_from(start)), 2), stage.window.end)
    )
    return _slot("back_dated_line", author)


def late_field_report(stage: Stage) -> Slot:
    """Looks like RL-A03: the report came 5 to 20 days after the installation, billing goes by the event."""
    author = Author(stage)
    start = stage.early_day(left=60)
    events.install(author, start, ordinary_wish(stage), sync_days=stage.rng.randint(5, 20))
    return _slot("late_field_report", author)


def return_visit(stage: Stage) -> Slot:
    """Looks like RL-A02: the first appointment failed, billing begins with the second visit."""
    author = Author(stage)
    appointment = stage.early_day()
    start = appointment + timedelta(days=stage.rng.randint(3, 15))
    events.install(author, start, ordinary_wish(stage), appointment=appointment)
    return _slot("return_visit", author)


def new_install(stage: Stage) -> Slot:
    """Looks like RL-A01: installed in the last weeks, one bill so far."""
    author = Author(stage)
    end = stage.window.end
    start = stage.day(end - timedelta(days=25), end - timedelta(days=3))
    events.install(author, start, ordinary_wish(stage))
    return _slot("new_install", author)


def not_billed_yet(stage: Stage) -> Slot:
    """Looks like RL-A01: installed in the month that nobody has billed yet; some have no subscription so far."""
    author = Author(stage, has_bills=stage.turn % 2 == 0)
    events.install(author, stage.window.end + timedelta(days=stage.turn % 3), ordinary_wish(stage))
    return _slot("not_billed_yet", author)


def same_day_change(stage: Stage) -> Slot:
    """Looks like RL-C03 or RL-C01: another tier on the day of the installation, or late one evening."""
    author = Author(stage)
    start = stage.early_day() if stage.turn % 2 == 0 else old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    day = start if stage.turn % 2 == 0 else later_day(stage, start)
    events.remote_change(author, day, another_offering(stage, author.tier), hours=(22, 22))
    return _slot("same_day_change", author)


def up_and_down(stage: Stage) -> Slot:
    """Looks like RL-C01: faster in the morning and back in the afternoon; nothing to bill."""
    author = Author(stage)
    slow, fast = stepped(stage, up=True)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage, offering=slow))
    day = later_day(stage, start)
    events.remote_change(author, day, fast, hours=(8, 11))
    events.remote_change(author, day, slow, hours=(14, 17))
    return _slot("up_and_down", author)


def on_site_billed_right(stage: Stage) -> Slot:
    """Looks like RL-C03: the technician changed the tier, and billing followed from that day on."""
    author = Author(stage)
    first, second = stepped(stage, up=stage.turn % 3 != 1)
    start = old_enough(stage, 0.4)
    if stage.turn % 2 == 0:
        events.install(author, start, plain_wish(stage, offering=second, ordered=first))
    else:
        events.install(author, start, plain_wish(stage, offering=first))
        events.site_change(author, later_day(stage, start), second, is_ordered=False)
    return _slot("on_site_billed_right", author)


def late_change_report(stage: Stage) -> Slot:
    """Looks like RL-C03: an ordered change on site whose report came days later; the bill splits on the right day."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    day = later_day(stage, start)
    other = another_offering(stage, author.tier)
    events.site_change(author, day, other, is_ordered=True, sync_days=stage.rng.randint(5, 15))
    return _slot("late_change_report", author)


def credited_double(stage: Stage) -> Slot:
    """Looks like RL-B05: a second subscription that was closed and credited in full."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=40)
    life = author.finish()
    closed = day + timedelta(days=stage.rng.randint(10, 45))
    credited = min(next_month(closed), stage.window.end)
    first = life.truth.subscriptions[-1]
    number = stage.numbers.subscription()
    double = replace(
        first,
        id=number,
        start=day,
        end=closed,
        items=first.items[:1],
        fees=(),
        credited_on=credited,
        begun_on=first.begun_on or first.start,
    )
    truth = replace(life.truth, subscriptions=(*life.truth.subscriptions, double))
    return Slot("credited_double", [Story(replace(life, truth=truth))])


def _slot(role: str, author: Author) -> Slot:
    return Slot(role, [Story(author.finish())])
