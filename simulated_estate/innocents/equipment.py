"""Devices that come, go and lie about as they should."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from simulated_estate.catalogue import MESH, PRODUCTS, RENTAL
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import Movement, PriceException
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.stockroom import keep_out
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.equipment import issued_for_last_job, spare
from simulated_estate.mistakes.limits import later_day, old_enough


def own_router_since(stage: Stage) -> Slot:
    """Looks like RL-E02 and RL-E01: the customer's own router took the rented one's place, and the rental ended."""
    author, start = _renter(stage)
    events.bring_own_router(author, later_day(stage, start))
    return Slot("own_router_since", [Story(author.finish())])


def router_handed_in(stage: Stage) -> Slot:
    """Looks like RL-E04 and RL-E01: the rented router was scanned in, and the rental ended that day."""
    author, start = _renter(stage)
    events.hand_router_in(author, later_day(stage, start))
    return Slot("router_handed_in", [Story(author.finish())])


def better_router_billed(stage: Stage) -> Slot:
    """Looks like RL-E06: a mesh router since a day, and its rental from that day on."""
    author, start = _renter(stage)
    events.upgrade_router(author, later_day(stage, start))
    return Slot("better_router_billed", [Story(author.finish())])


def better_router_for_free(stage: Stage) -> Slot:
    """Looks like RL-E06: a mesh router at the price of the simple one, by approval."""
    author, start = _renter(stage)
    day = later_day(stage, start)
    events.upgrade_router(author, day)
    rate: Decimal = PRODUCTS[RENTAL].price_on(day)
    extras = author.in_service()[0].extras
    author.amend_service(extras=tuple(replace(term, rate=rate) if term.product == MESH else term for term in extras))
    author.exceptions.append(PriceException("price_override", MESH, rate, day, None, author.approver()))
    return Slot("better_router_for_free", [Story(author.finish())])


def not_back_yet(stage: Stage) -> Slot:
    """Looks like RL-E03: a customer left some weeks ago, and nothing has come back yet."""
    author = Author(stage)
    events.install(author, stage.tenured_day(), plain_wish(stage, router="leased"))
    events.cease(author, stage.window.end - timedelta(days=stage.rng.randint(4, 25)))
    for serial in {each.placed.serial for each in author.movements}:
        keep_out(author, serial)
    return Slot("not_back_yet", [Story(author.finish())])


def device_given_out_again(stage: Stage) -> Slot:
    """Looks like RL-E05 and RL-B05: what one customer brought back was given to the next."""
    first = Author(stage)
    start = old_enough(stage)
    events.install(first, start, plain_wish(stage))
    events.cease(first, later_day(stage, start, left=55), dark="absent")
    device = first.in_service()[1]
    (back,) = (each for each in first.movements if each.what == "returned" and each.placed.serial == device.serial)
    second = Author(stage)
    second.device = device
    day = stage.day(back.moment.date() + timedelta(days=2), stage.window.end - timedelta(days=3))
    events.install(second, day, ordinary_wish(stage))
    second.movements = tuple(
        each for each in second.movements if (each.placed.serial, each.what) != (device.serial, "received")
    )
    return Slot("device_given_out_again", [Story(first.finish()), Story(second.finish())])


def issued_in_passing(stage: Stage) -> Slot:
    """Looks like RL-E05: a device that was left and is billed, and of whose way out the store room knows nothing."""
    author = Author(stage)
    events.install(author, old_enough(stage), ordinary_wish(stage))
    author.movements = tuple(each for each in author.movements if each.what == "received")
    return Slot("issued_in_passing", [Story(author.finish())])


def brought_back(stage: Stage) -> Slot:
    """Looks like RL-I04: a device that was taken along for a repair, not needed, and scanned in the next day."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    events.repair(author, later_day(stage, start), has_new_device=False, cause="3P power adapter")
    placed = spare(stage)
    came, issued = issued_for_last_job(author, placed)
    author.movements += (came, issued, Movement(placed, "returned", issued.moment + timedelta(days=1)))
    return Slot("brought_back", [Story(author.finish())])


def _renter(stage: Stage) -> tuple[Author, date]:
    """A customer with a rented router, and the day on which the service began."""
    author = Author(stage)
    start = old_enough(stage, 0.4)
    events.install(author, start, plain_wish(stage, router="leased"))
    return author, start
