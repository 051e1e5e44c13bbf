"""Partners who go on asking for what nobody has any more."""

from datetime import date

from simulated_estate.catalogue import STATIC_IP
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import PartnerLine
from simulated_estate.life.stage import Loss, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import later_day
from simulated_estate.months import next_month

_CENTS = {None: 2_150, STATIC_IP: 275}
"""A month of a line that another company owns, and of an address that one lends."""


def dead_line_paid(stage: Stage) -> Slot:
    """RL-H01: a customer left, and the owner of the line was never told."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage))
    day = later_day(stage, stage.window.start, left=65)
    events.cease(author, day)
    author.partner_lines = asked_each_month(author, None, stage.window.end)
    return _slot("dead_line_paid", author, "RL-H01", day)


def seat_of_nobody(stage: Stage) -> Slot:
    """RL-H03: a customer gave an address up, and it is paid for each month since."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage, addons=(STATIC_IP,)))
    day = later_day(stage, stage.window.start, left=65)
    events.drop(author, day, STATIC_IP)
    author.partner_lines = asked_each_month(author, STATIC_IP, stage.window.end)
    return _slot("seat_of_nobody", author, "RL-H03", day)


def asked_each_month(author: Author, product: str | None, until: date, line: int = 1) -> tuple[PartnerLine, ...]:
    """A line or a seat on the invoices of all months of the window that begin before a day."""
    partner, letters = ("Open Ducts", "OPN") if product is None else ("Address House", "ADH")
    cents = _CENTS[product]
    return tuple(
        PartnerLine(
            f"{letters}-{month:%y%m}-{author.account}",
            line,
            partner,
            product,
            month,
            next_month(month),
            cents,
        )
        for month in author.stage.window.firsts()
        if month < until
    )


def _slot(role: str, author: Author, rule: str, day: date) -> Slot:
    losses = tuple(
        Loss(
            rule,
            "partner_line",
            f"partner_line/{each.invoice}-{each.line}",
            "cost",
            "cost",
            {each.start: each.cents},
            f"not in service since {day}",
        )
        for each in author.partner_lines
        if each.start >= day
    )
    return Slot(role, [Story(author.finish(), losses=losses)])
