"""Lines that nobody pays for: ghosts, devices that wait for nobody, and the suspended who are not cut off."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.belief import Belief, Item, Subscription
from simulated_estate.catalogue import offerings_of
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.devices import discovered_device, live_device
from simulated_estate.life.ordinary import ordinary_life
from simulated_estate.life.records import Dealings
from simulated_estate.life.stage import Ghost, Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.edits import suspend_from
from simulated_estate.mistakes.limits import later_day


def unauthorised_use(day: date, offering: str) -> Subscription:
    """What an offering costs since a day; nobody is owed the free days of somebody who signs a contract."""
    return Subscription("", day, None, (Item(offering),), begun_on=day.replace(day=1))


def ghost(stage: Stage) -> Slot:
    """RL-B01: beside an ordinary customer there is a live device that no field record knows."""
    neighbour = ordinary_life(stage)
    window = stage.window
    day = stage.day(window.start + timedelta(days=2), window.end - timedelta(days=30))
    offering = stage.rng.choice(offerings_of(stage.market.technology))
    device = live_device(stage, offering, stage.moment(day))
    value = unauthorised_use(day, offering)
    unknown = Ghost(device, Belief("", stage.market.id, (value,)))
    return replace(neighbour, role="ghost", ghosts=[unknown])


def unclaimed_device(stage: Stage) -> Slot:
    """RL-B09: beside an ordinary customer a device was discovered weeks ago, and no work order speaks of it.

    What it might bring is the list price of the market's slowest tier.
    """
    neighbour = ordinary_life(stage)
    window = stage.window
    day = stage.day(window.start + timedelta(days=2), window.end - timedelta(days=3))
    device = discovered_device(stage, stage.moment(day))
    value = unauthorised_use(day, offerings_of(stage.market.technology)[0])
    unclaimed = Ghost(
        device, Belief("", stage.market.id, (value,)), "RL-B09", f"discovered on {day}, in no work order"
    )
    return replace(neighbour, role="unclaimed_device", ghosts=[unclaimed])


def suspended_but_live(stage: Stage) -> Slot:
    """RL-G01: billing suspended the account and waits; the network was never told, or did not listen."""
    author = Author(stage, dealings=Dealings(unpaid=3))
    start = stage.tenured_day()
    events.install(author, start, plain_wish(stage))
    day = later_day(stage, start, left=28)
    mistake = Mistake("RL-G01", f"suspended on {day}, still passing traffic", suspend_from(day))
    return Slot("suspended_but_live", [Story(author.finish(), (mistake,))])
