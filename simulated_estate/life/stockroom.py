"""The store room: every device of the operator's comes from there with a technician, and most come back.

Chance comes from the serial, so that nothing else in the estate is told otherwise for it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from simulated_estate.life.author import Author
from simulated_estate.life.records import Movement, Placed

_FETCHED_WITHIN = 25
"""Days in which a customer who left has brought everything back, or it was fetched."""


def came_in(placed: Placed, moment: datetime) -> Movement:
    """A device as it comes from its maker, some weeks before a moment."""
    weeks = Random(f"bought {placed.serial}").randint(2, 30)
    return Movement(placed, "received", moment - timedelta(weeks=weeks))


def hand_out(author: Author, devices: Iterable[Placed], job: int, moment: datetime) -> None:
    """Give those devices of the operator's that are not out yet to a technician, in the morning of the job."""
    for placed in devices:
        if placed.ownership == "leased" and not any(each.placed.serial == placed.serial for each in author.movements):
            morning = min(moment, moment.replace(hour=7, minute=Random(placed.serial).randint(0, 50)))
            author.movements += (came_in(placed, moment), Movement(placed, "issued", morning, job))


def take_back(author: Author, devices: Iterable[Placed | None], moment: datetime) -> None:
    """Scan those devices of the operator's in, unless nobody has seen that yet."""
    if moment > author.stage.window.as_of:
        return
    for placed in devices:
        if placed is not None and placed.ownership == "leased":
            author.movements += (Movement(placed, "returned", moment),)


def fetched_after(serial: str, moment: datetime) -> datetime:
    """When the device of somebody who left at a moment is back."""
    return moment + timedelta(days=Random(f"fetched {serial}").randint(2, _FETCHED_WITHIN))


def keep_out(author: Author, serial: str) -> None:
    """Forget that a device came back: its customer is to keep it, or never returned it."""
    author.movements = tuple(
        each for each in author.movements if (each.placed.serial, each.what) != (serial, "returned")
    )
