"""Ports and addresses that are kept for somebody, or were let go."""

from datetime import timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import ordinary_wish
from simulated_estate.mistakes.reservations import called_off, gone, reservation


def let_go_in_time(stage: Stage) -> Slot:
    """Looks like RL-B08: the order was called off, or the customer left, and it was let go within days."""
    author, day = called_off(stage) if stage.turn % 2 == 0 else gone(stage)
    kept = reservation(author, "port" if stage.turn % 2 == 0 else "static_ip", day + timedelta(days=2))
    return Slot("let_go_in_time", [Story(author.finish())], filings=[kept])


def kept_for_a_customer(stage: Stage) -> Slot:
    """Looks like RL-B08: kept for months, for an order that is open or a service that lives."""
    author = Author(stage)
    if stage.turn % 2 == 0:
        events.install(author, stage.tenured_day(), ordinary_wish(stage))
    else:
        events.place(
            author, stage.window.as_of.date() + timedelta(days=stage.rng.randint(2, 9)), ordinary_wish(stage)
        )
    return Slot("kept_for_a_customer", [Story(author.finish())], filings=[reservation(author, "port")])
