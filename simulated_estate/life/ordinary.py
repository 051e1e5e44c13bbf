"""An ordinary customer's years: nothing in them is a mistake, and every bill is right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from simulated_estate.catalogue import STATIC_IP
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.billed_by import one_cycle
from simulated_estate.life.events import Dark
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import another_offering, ordinary_wish
from simulated_estate.markets import NORTHSHORE
from simulated_estate.months import add_months

LATE_CYCLE = 8
"""The day of the month on which one customer in ten is billed: nobody has seen those bills of the last month."""
_TENURED = 0.7
_SPACING = 12
"""Days between two events in a life, so that a suspension is over before the next thing happens."""


def ordinary_life(stage: Stage) -> Slot:
    """A customer of average luck: most have been there for years, some came, some left, some changed."""
    author = Author(stage, segment="business" if stage.chance(0.08) else "residential")
    start = stage.tenured_day() if stage.chance(_TENURED) else _recent_day(stage)
    appointment = start - timedelta(days=stage.rng.randint(2, 9)) if stage.chance(0.08) else None
    events.install(author, start, ordinary_wish(stage), appointment=appointment)
    for day, happen in zip(_days(stage, start), _happenings(stage), strict=False):
        happen(author, day)
        if author.in_service()[0].end or author.dealings.unpaid:
            break
    if int(author.account) % 40 == 12 and start < add_months(stage.window.end, -1):
        author.bill_day = LATE_CYCLE
    elif stage.market is NORTHSHORE and int(author.account) % 5 == 3:
        author.cycles = one_cycle(int(author.account) // 5)
    if stage.chance(0.02):
        _enter_and_delete(author, start)
    if stage.chance(0.03):
        author.dealings = replace(author.dealings, goodwill=Decimal(stage.rng.choice(("-5.00", "-10.00", "-15.00"))))
    return Slot("ordinary", [Story(author.finish())])


def _enter_and_delete(author: Author, day: date) -> None:
    """Somebody entered an order twice and deleted the second one."""
    order = author.order("New", day, None, ((author.tier, "add"),), author.tier)
    author.amend_order(replace(order, state="draft", is_deleted=True))


def _recent_day(stage: Stage) -> date:
    """A day of the window, or of the few that nobody has billed yet."""
    return stage.day(stage.window.start, stage.window.end + timedelta(days=1))


def _days(stage: Stage, start: date) -> list[date]:
    """Days on which something may happen, in order and apart from each other."""
    window = stage.window
    first = max(start + timedelta(days=3), window.start - timedelta(days=150))
    room = (window.end - first).days - _SPACING
    count = min(3, room // (3 * _SPACING))
    days = sorted(stage.rng.sample(range(room // _SPACING), count)) if count > 0 else []
    return [first + timedelta(days=step * _SPACING + stage.rng.randint(0, 3)) for step in days]


def _happenings(stage: Stage) -> list[Callable[[Author, date], None]]:
    chances: tuple[tuple[float, Callable[[Author, date], None]], ...] = (
        (0.09, _remote_change),
        (0.05, _site_change),
        (0.05, _move),
        (0.06, _suspend_and_restore),
        (0.04, _repair),
        (0.04, _swap),
        (0.04, _add_address),
        (0.02, _override),
        (0.07, _cease),
        (0.015, _suspend),
    )
    drawn = [happen for chance, happen in chances if stage.chance(chance)]
    last = [happen for happen in drawn if happen in (_cease, _suspend)]
    rest = [happen for happen in drawn if happen not in last]
    stage.rng.shuffle(rest)
    return rest[: 2 if last else 3] + last[:1]


def _remote_change(author: Author, day: date) -> None:
    events.remote_change(author, day, another_offering(author.stage, author.tier))


def _site_change(author: Author, day: date) -> None:
    events.site_change(author, day, another_offering(author.stage, author.tier), is_ordered=True)


def _move(author: Author, day: date) -> None:
    events.move(author, day, has_new_device=author.stage.chance(0.4))


def _suspend_and_restore(author: Author, day: date) -> None:
    events.suspend(author, day, day + timedelta(days=author.stage.rng.randint(2, 8)))


def _repair(author: Author, day: date) -> None:
    events.repair(author, day, has_new_device=False)


def _swap(author: Author, day: date) -> None:
    events.repair(author, day, has_new_device=True)


def _add_address(author: Author, day: date) -> None:
    if any(term.product == STATIC_IP for term in author.in_service()[0].extras):
        events.drop(author, day, STATIC_IP)
    else:
        events.add(author, day, STATIC_IP)


def _override(author: Author, day: date) -> None:
    events.override(author, Decimal(author.stage.rng.choice(("45.00", "52.50", "58.99"))), day)


def _cease(author: Author, day: date) -> None:
    events.cease(author, day, dark=_darkness(author.stage))


def _suspend(author: Author, day: date) -> None:
    events.suspend(author, day, None, dark=_darkness(author.stage) if author.stage.chance(0.5) else "walled")


def _darkness(stage: Stage) -> Dark:
    return "absent" if stage.chance(0.5) else "down"
