"""Devices that are billed and not there, there and not billed, or not where anybody believes them to be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from simulated_estate.belief import Belief
from simulated_estate.catalogue import MESH, RENTAL, offerings_of
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.devices import live_device
from simulated_estate.life.ordinary import ordinary_life
from simulated_estate.life.records import Device, Movement, Placed
from simulated_estate.life.stage import Ghost, Loss, Mistake, Slot, Stage, Story
from simulated_estate.life.stockroom import came_in, keep_out
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.edits import also_charge, drop_product, prolong
from simulated_estate.mistakes.limits import later_day, old_enough
from simulated_estate.mistakes.network import unauthorised_use


def own_router_rented(stage: Stage) -> Slot:
    """RL-E02: the router is the customer's own, from the beginning or since a visit, and a rental is billed."""
    author = Author(stage)
    start = old_enough(stage, 0.4)
    if stage.turn % 2 == 0:
        events.install(author, start, plain_wish(stage, router="customer"))
        mistake = Mistake("RL-E02", "rental billed for the customer's own router", also_charge(RENTAL))
    else:
        events.install(author, start, plain_wish(stage, router="leased"))
        day = later_day(stage, start)
        events.bring_own_router(author, day)
        mistake = Mistake("RL-E02", f"rental billed on, own router since {day}", prolong(RENTAL, None))
    return Slot("own_router_rented", [Story(author.finish(), (mistake,))])


def rental_after_return(stage: Stage) -> Slot:
    """RL-E04: the customer brought the router back, the counter scanned it, and the rental is billed on."""
    author, start = renter(stage)
    day = later_day(stage, start)
    events.hand_router_in(author, day)
    mistake = Mistake("RL-E04", f"rental billed on after the return of {day}", prolong(RENTAL, None))
    return Slot("rental_after_return", [Story(author.finish(), (mistake,))])


def better_router(stage: Stage) -> Slot:
    """RL-E06: a repair left a mesh router, and the rental of the simple one is billed on."""
    author, start = renter(stage)
    day = later_day(stage, start)
    events.upgrade_router(author, day)

    def keep_rental(belief: Belief) -> Belief:
        return prolong(RENTAL, None)(drop_product(MESH)(belief))

    mistake = Mistake("RL-E06", f"mesh router since {day}, billed as the simple one", keep_rental)
    return Slot("better_router", [Story(author.finish(), (mistake,))])


def never_returned(stage: Stage) -> Slot:
    """RL-E03: a customer left, and one of the devices never came back: the access device or the router, by turns."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage, router="leased"))
    day = later_day(stage, start, left=32)
    events.cease(author, day)
    device = author.in_service()[1]
    placed = Placed(stage.market.device_kind, device.serial, "leased")
    if stage.turn % 2 == 1 and author.router is not None:
        placed = author.router
    keep_out(author, placed.serial)
    loss = lost_device("RL-E03", stage, placed, day, f"out since the service ended on {day}")
    return Slot("never_returned", [Story(author.finish(), losses=(loss,))])


def issued_and_gone(stage: Stage) -> Slot:
    """RL-I04: the store room gave out a device for a repair; it was not needed, and nobody has seen it since."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    day = later_day(stage, start)
    events.repair(author, day, has_new_device=False, cause="3P power adapter")
    placed = spare(stage)
    author.movements += issued_for_last_job(author, placed)
    loss = lost_device("RL-I04", stage, placed, day, "issued for a repair, left nowhere")
    return Slot("issued_and_gone", [Story(author.finish(), losses=(loss,))])


def in_stock_and_online(stage: Stage) -> Slot:
    """RL-E05: the books have a device in the store room, and the network carries its traffic.

    It was never issued, or came back from a customer who left.
    """
    window = stage.window
    if stage.turn % 2 == 0:
        neighbour = ordinary_life(stage)
        day = stage.day(window.start + timedelta(days=2), window.end - timedelta(days=20))
        offering = stage.rng.choice(offerings_of(stage.market.technology))
        device = live_device(stage, offering, stage.moment(day))
        bought = came_in(Placed(stage.market.device_kind, device.serial, "leased"), stage.moment(day))
        found = _on_the_network_again(stage, device, day, "never issued", (bought,))
        return replace(neighbour, role="in_stock_and_online", ghosts=[found])
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, plain_wish(stage))
    events.cease(author, later_day(stage, start, left=55), dark="absent")
    device = author.in_service()[1]
    (returned,) = (
        each.moment for each in author.movements if each.what == "returned" and each.placed.serial == device.serial
    )
    day = stage.day(returned.date() + timedelta(days=2), window.end - timedelta(days=3))
    found = _on_the_network_again(stage, device, day, "returned, and online since", ())
    return Slot("in_stock_and_online", [Story(author.finish())], ghosts=[found])


def renter(stage: Stage) -> tuple[Author, date]:
    """A customer with a rented router, and the day on which the service began."""
    author = Author(stage)
    start = old_enough(stage, 0.4)
    events.install(author, start, plain_wish(stage, router="leased"))
    return author, start


def spare(stage: Stage) -> Placed:
    """A device that a technician takes along: an access device or a router, by turns."""
    if stage.turn % 2 == 1:
        return Placed("router", stage.numbers.mac("router"), "leased")
    return Placed(stage.market.device_kind, stage.numbers.serial(stage.market.elements[0]), "leased")


def issued_for_last_job(author: Author, placed: Placed) -> tuple[Movement, ...]:
    """What the store room writes down when it gives a device out for an account's last job."""
    job = author.jobs[-1]
    return (came_in(placed, job.scheduled), Movement(placed, "issued", job.scheduled, job.number))


def lost_device(rule: str, stage: Stage, placed: Placed, day: date, note: str) -> Loss:
    """What a device costs that has to be bought for one that is gone since a day."""
    market = stage.market
    cents = market.router_cents if placed.kind == "router" else market.access_device_cents
    return Loss(rule, "serial", placed.serial, "cost", "cost", {day.replace(day=1): cents}, note)


def _on_the_network_again(
    stage: Stage, device: Device, day: date, note: str, movements: tuple[Movement, ...]
) -> Ghost:
    """A device as if it had come up for the first time on a day, at the list price of its profile."""
    seen: datetime = stage.moment(day).astimezone(UTC)
    now = stage.window.as_of - timedelta(minutes=stage.rng.randint(2, 300))
    online = replace(device, state="up", registered=seen, profile_since=seen, last_traffic=now)
    value = unauthorised_use(day, device.offering or "")
    return Ghost(online, Belief("", stage.market.id, (value,)), "RL-E05", note, movements)
