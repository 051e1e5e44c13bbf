"""Customers with more than one service on one account: those who came back, and those with two lines."""

from dataclasses import dataclass
from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.events import Dark
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.stockroom import keep_out
from simulated_estate.life.taste import another_offering, ordinary_wish, plain_wish
from simulated_estate.life.wish import Wish

_DARKNESS: tuple[Dark, ...] = ("down", "absent", "walled")


@dataclass(frozen=True, slots=True)
class Return:
    """When a customer left and when the line worked again."""

    left: date
    back: date


def a_return(stage: Stage) -> Return:
    """A customer who left before the window or in its first half, and is back inside it within two months."""
    window = stage.window
    left = stage.day(window.start - timedelta(days=40), window.start + timedelta(days=window.days // 2 - 8))
    first = max(left, window.start + timedelta(days=2))
    return Return(left, stage.day(first, min(left + timedelta(days=60), window.end - timedelta(days=18))))


def leave(author: Author, on: date, wish: Wish) -> None:
    """Be a customer for years, and go."""
    events.install(author, author.stage.tenured_day() - timedelta(days=60), wish)
    events.cease(author, on, dark=_DARKNESS[author.stage.turn % len(_DARKNESS)])


def come_back(author: Author, on: date, wish: Wish, appointment: date | None = None) -> None:
    """Be a customer anew: in the same place with the same device or another one, or elsewhere."""
    moves = author.stage.chance(0.5)
    keeps_device = not moves and author.stage.chance(0.5)
    if keeps_device:
        keep_out(author, author.in_service()[1].serial)
    author.begin_another(at_another_premise=moves, keeps_device=keeps_device)
    events.install(author, on, wish, appointment=appointment, lead_days=6)


def first_line(stage: Stage, wish: Wish) -> Author:
    """A customer of years, of whom billing keeps where the line is."""
    author = Author(stage, segment="business" if stage.turn % 2 == 0 else "residential")
    events.install(author, stage.tenured_day() - timedelta(days=60), wish)
    _keep_location(author)
    return author


def add_line(author: Author, on: date, wish: Wish) -> None:
    """Open another line at another premise, beside the one that is there."""
    author.begin_another(at_another_premise=True)
    events.install(author, on, wish)
    _keep_location(author)


def came_back(stage: Stage) -> Slot:
    """Looks like RL-B04 and RL-A02: the account was ceased, and is live and billed again since another order."""
    author = Author(stage)
    days = a_return(stage)
    leave(author, days.left, ordinary_wish(stage))
    come_back(author, days.back, ordinary_wish(stage))
    return Slot("came_back", [Story(author.finish())])


def second_line(stage: Stage) -> Slot:
    """Looks like RL-B05: two open subscriptions of one account, each for a line of its own."""
    author = first_line(stage, ordinary_wish(stage))
    if stage.turn % 3 == 1:
        events.remote_change(author, stage.early_day(), another_offering(stage, author.tier))
    if stage.turn % 3 == 2:
        events.cease(author, stage.early_day(left=20))
    add_line(author, stage.early_day(left=25), plain_wish(stage))
    return Slot("second_line", [Story(author.finish())])


def second_line_to_be_billed(stage: Stage) -> Slot:
    """Looks like RL-B06: a second line that was installed in the month that nobody has billed yet."""
    author = first_line(stage, ordinary_wish(stage))
    add_line(author, stage.window.end + timedelta(days=stage.turn % 3), plain_wish(stage))
    return Slot("second_line_to_be_billed", [Story(author.finish())])


def _keep_location(author: Author) -> None:
    author.amend_service(location=author.premises[-1].number)
