"""In a pulled estate each device is where the inventory has it, but for those that were planted wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.sync import sync_system
from hub.takeover.measuring.devices import devices
from hub.takeover.signals.look import Look
from simulated_estate.cast import BLOCK
from simulated_estate.estate import slots
from simulated_estate.life.stage import Slot
from simulated_estate.markets import MARKETS
from tests.fakes.lumen_valley import lumen_valley

SEED = 1
WRONG = {"swapped_digits", "mistyped_order", "device_not_written_down", "another_device"}
"""Plots in which a system has a serial wrong, or nobody can say at whose place the device stands."""
NOBODYS = {"ghost", "in_stock_and_online"}


@dataclass(frozen=True)
class Pulled:
    """What is measured in each market, and the lives of whom it is measured."""

    measured: dict[str, Measure]
    told: list[Slot]

    def wrong(self, market: str) -> set[str]:
        """Serials of the market that were planted to be wrong: as they are on the network, and as they were typed."""
        found: set[str] = set()
        for slot in self.told:
            if market not in {story.life.market.id for story in slot.stories}:
                continue
            if slot.role in NOBODYS:
                found |= {ghost.device.serial for ghost in slot.ghosts}
            if slot.role in WRONG:
                lives = [story.life for story in slot.stories]
                found |= {device.serial for life in lives for device in life.devices}
                if slot.role == "swapped_digits":
                    kind = lives[0].market.device_kind
                    done = [job.completion for life in lives for job in life.jobs if job.completion]
                    found |= {left.serial for each in done for left in each.devices if left.kind == kind}
        return found


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulled]:
    folder = tmp_path_factory.mktemp("serials")
    with lumen_valley(folder / "operator", BLOCK, 4, SEED) as valley, valley.hub(folder / "work") as hub:
        now = valley.estate.as_of
        for system in hub.operator.mappings:
            sync_system(hub, system, now)
        with hub.database.reading() as connection:
            measured = {
                market: devices(Look(connection, hub.operator, hub.operator.markets[market], now))[
                    "serials_reconciled"
                ]
                for market in MARKETS
            }
        yield Pulled(measured, list(slots(BLOCK, valley.estate.window, SEED)))


@pytest.mark.parametrize("market", MARKETS)
def test_the_serials_that_do_not_reconcile_are_those_that_were_planted_wrong(pulled: Pulled, market: str) -> None:
    measure = pulled.measured[market]
    assert isinstance(measure.figure, Share)
    assert set(measure.works) == pulled.wrong(market)
    assert measure.figure.of - measure.figure.good == len(measure.works)
    assert measure.figure.good > 80, "all others do"


def test_every_way_to_get_a_serial_wrong_is_among_them(pulled: Pulled) -> None:
    assert {slot.role for slot in pulled.told} >= WRONG | NOBODYS
