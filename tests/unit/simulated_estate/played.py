"""The lives of some blocks of an estate, for tests that look at what a plot left in them."""

from datetime import date

from simulated_estate.biller import Line
from simulated_estate.cast import BLOCK
from simulated_estate.catalogue import ACCESS
from simulated_estate.estate import slots
from simulated_estate.life.records import Completion, Life
from simulated_estate.life.stage import Slot
from simulated_estate.months import Window

YEAR = Window(date(2025, 11, 1), date(2026, 11, 1))
SLOTS = list(slots(4 * BLOCK, YEAR, 1))


def cast(role: str) -> list[Slot]:
    found = [slot for slot in SLOTS if slot.role == role]
    assert len(found) >= 3
    return found


def access(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.product in ACCESS]


def installation(life: Life) -> Completion:
    done = next(job.completion for job in life.jobs if job.kind == "install")
    assert done is not None
    return done


def is_live(life: Life) -> bool:
    return any(device.state == "up" and device.last_traffic for device in life.devices)
