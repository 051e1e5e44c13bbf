"""Ports and addresses that are kept for nobody."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.filings import Reservation, ReservedKind
from simulated_estate.life.stage import Loss, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import later_day

_CENTS: dict[ReservedKind, dict[str, int]] = {
    "port": {"riverbend": 410, "mesa": 625, "northshore": 380},
    "static_ip": {"riverbend": 275, "mesa": 275, "northshore": 340},
}
"""A month of it."""


def kept_for_nobody(stage: Stage) -> Slot:
    """RL-B08: a port of an order that was called off, or an address of somebody who left, was never let go."""
    if stage.turn % 2 == 0:
        author, day = called_off(stage)
        kept = reservation(author, "port")
        note = f"its order was called off, promised for {day}"
    else:
        author, day = gone(stage)
        kept = reservation(author, "static_ip")
        note = f"the service ended on {day}"
    cents = _CENTS[kept.kind][stage.market.id]
    months = {month: cents for month in stage.window.firsts() if month >= day}
    loss = Loss("RL-B08", "reservation", f"reservation/{kept.number}", "cost", "cost", months, note)
    return Slot("kept_for_nobody", [Story(author.finish(), losses=(loss,))], filings=[kept])


def called_off(stage: Stage) -> tuple[Author, date]:
    """An order that was called off, and the day it was promised for, with a whole month after it."""
    author = Author(stage)
    last = stage.window.end - timedelta(days=40)
    promised = stage.day(stage.window.start + timedelta(days=1), last)
    order = events.place(author, promised, plain_wish(stage))
    author.amend_order(replace(order, state="cancelled"))
    return author, promised


def gone(stage: Stage) -> tuple[Author, date]:
    """A customer who left, and the day, with a whole month after it."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    day = later_day(stage, stage.window.start, left=40)
    events.cease(author, day)
    return author, day


def reservation(author: Author, kind: ReservedKind, end: date | None = None) -> Reservation:
    """What is kept for the first order of an account since it was placed."""
    order = author.orders[0]
    number = f"{'PT' if kind == 'port' else 'IP'}-{author.account}"
    return Reservation(number, kind, order.number, order.created.date(), end)
