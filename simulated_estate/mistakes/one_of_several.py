"""Mistakes about one of several services of an account; the others are billed right."""

from datetime import timedelta
from decimal import Decimal

from simulated_estate.belief import Belief, Item, Subscription
from simulated_estate.innocents.several_services import a_return, add_line, come_back, first_line, leave
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.amounts import steady_offering, wrong_price
from simulated_estate.mistakes.edits import forget, imagine, of_service
from simulated_estate.mistakes.limits import days_late, early_start, late_end, late_start


def returned_and_wrong(stage: Stage) -> Slot:
    """A customer who came back: the old bill never stopped, or the new one began late, early or never, by turns."""
    author = Author(stage)
    kind = stage.turn % 4
    days = a_return(stage)
    back = days.back + timedelta(days=4)
    leave(author, days.left, plain_wish(stage))
    come_back(author, back, plain_wish(stage), appointment=days.back if kind == 2 else None)
    again = author.in_service()[0].opened_by
    mistake = (
        _about("", late_end(None)),
        _about(again, late_start(days_late(stage, back))),
        _about(again, early_start(days.back)),
        _about(again, Mistake("RL-A01", "came back, and billing never heard of it", forget())),
    )[kind]
    return Slot("returned_and_wrong", [Story(author.finish(), (mistake,))])


def one_line_wrong(stage: Stage) -> Slot:
    """One account, two lines: a wrong price, a bill without end, no bill or two bills for one of them, by turns."""
    author = first_line(stage, plain_wish(stage, offering=steady_offering(stage)))
    kind = stage.turn % 4
    price = wrong_price(author.tier, Decimal("-9.00") if stage.turn % 8 < 4 else Decimal("6.50"))
    if kind == 1:
        events.cease(author, stage.early_day(left=20))
    add_line(author, stage.early_day(left=25), plain_wish(stage))
    second = author.in_service()[0].opened_by
    mistake = (
        _about("", price),
        _about("", late_end(None)),
        _about(second, unheard_of()),
        Mistake("RL-B05", "second line subscribed twice", imagine(_doubled(author))),
    )[kind]
    return Slot("one_line_wrong", [Story(author.finish(), (mistake,))])


def second_line_unbilled(stage: Stage) -> Slot:
    """RL-B06 alone: two lines of one account are live, and billing knows of the first."""
    author = first_line(stage, plain_wish(stage))
    add_line(author, stage.early_day(left=25), plain_wish(stage))
    mistake = _about(author.in_service()[0].opened_by, unheard_of())
    return Slot("second_line_unbilled", [Story(author.finish(), (mistake,))])


def unheard_of() -> Mistake:
    """RL-B06: a line beside another one of the account is on no bill."""
    return Mistake("RL-B06", "second line, and billing never heard of it", forget())


def _about(opened_by: str, mistake: Mistake) -> Mistake:
    """The same mistake, about one service of several; the order that opened it is empty for the first."""
    return Mistake(mistake.rule, mistake.note, of_service(opened_by, mistake.apply))


def _doubled(author: Author) -> Belief:
    """The line in use, subscribed once more some days after it began."""
    service, stage = author.in_service()[0], author.stage
    double = Subscription(
        stage.numbers.subscription(),
        service.start + timedelta(days=stage.rng.randint(1, 12)),
        None,
        (Item(author.tier),),
        opened_by=service.opened_by,
        location=service.location,
    )
    return Belief(author.account, stage.market.id, (double,))
