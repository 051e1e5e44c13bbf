"""In a pulled estate each device is where the inventory has it, but for those that were planted wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handoffs.criteria import Measure
from handoffs.statistics import Share
from hub.sync import sync_system
from hub.takeover.measuring.devices import devices
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from simulated_estate.cast import BLOCK
from simulated_estate.estate import slots
from simulated_estate.life.stage import Slot
from simulated_estate.markets import MARKETS, RIVERBEND
from simulated_estate.spelling import utc_z, with_swapped_digits
from tests.fakes.lumen_valley import lumen_valley

SEED = 1
WRONG = {"swapped_digits", "mistyped_order", "device_not_written_down", "another_device"}
"""Plots in which a system has a serial wrong, or nobody can say at whose place the device stands."""
DARK = {"swapped_digits", "paid_and_still_cut", "restored_and_unused"}
"""Plots in which a customer who is served has a device that nobody has heard of for a week, or whose serial is no
device's at all."""
NOBODYS = {"ghost", "in_stock_and_online"}


@dataclass(frozen=True)
class Pulled:
    """What is measured in each market, and the lives of whom it is measured."""

    measured: dict[str, dict[str, Measure]]
    told: list[Slot]

    def dark(self, market: str) -> set[str]:
        """Serials of customers of the market whose lines are dark, as the field knows them."""
        lives = [story.life for slot in self.told if slot.role in DARK for story in slot.stories]
        done = [(life, job.completion) for life in lives if life.market.id == market for job in life.jobs]
        kind = MARKETS[market].device_kind
        return {left.serial for _, each in done if each for left in each.devices if left.kind == kind}

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


def measured_in(hub: Hub, market: str, now: datetime) -> dict[str, Measure]:
    with hub.database.reading() as connection:
        return devices(Look(connection, hub.operator, hub.operator.markets[market], now))


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulled]:
    folder = tmp_path_factory.mktemp("serials")
    with lumen_valley(folder / "operator", BLOCK, 4, SEED) as valley, valley.hub(folder / "work") as hub:
        now = valley.estate.as_of
        for system in hub.operator.mappings:
            sync_system(hub, system, now)
        measured = {market: measured_in(hub, market, now) for market in MARKETS}
        yield Pulled(measured, list(slots(BLOCK, valley.estate.window, SEED)))


@pytest.mark.parametrize("market", MARKETS)
def test_the_serials_that_do_not_reconcile_are_those_that_were_planted_wrong(pulled: Pulled, market: str) -> None:
    measure = pulled.measured[market]["serials_reconciled"]
    assert isinstance(measure.figure, Share)
    assert set(measure.works) == pulled.wrong(market)
    assert measure.figure.of - measure.figure.good == len(measure.works)
    assert measure.figure.good > 80, "all others do"


@pytest.mark.parametrize("market", MARKETS)
def test_only_lines_that_are_dark_against_what_was_agreed_are_out_of_reach(pulled: Pulled, market: str) -> None:
    measure = pulled.measured[market]["serials_reachable"]
    assert isinstance(measure.figure, Share)
    assert set(measure.works) == pulled.dark(market)
    assert measure.figure.good > 80


def test_serials_that_were_bought_wrong_are_named_and_pass_once_they_are_bound_again(tmp_path: Path) -> None:
    """Scenario 44: five in a hundred records have two digits swapped, as in the books that Frontier bought."""
    with lumen_valley(tmp_path / "operator", BLOCK, 4, SEED) as valley, valley.hub(tmp_path / "work") as hub:
        now, rows = valley.estate.as_of, valley.estate.books.field_service["completions"]
        listed = [row for element in RIVERBEND.elements for row in valley.estate.books.network[element.name]]
        seen, up = {row.serial for row in listed}, {row.serial for row in listed if row.oper_state == "up"}
        bought = [device for row in rows for device in row["devices"] if device["serial"] in seen][::20]
        right = {device["serial"]: device for device in bought}
        for serial, device in right.items():
            device["serial"] = with_swapped_digits(serial)
        for system in hub.operator.mappings:
            sync_system(hub, system, now)
        damaged = measured_in(hub, "riverbend", now)["serials_reconciled"]
        for row in rows:
            if any(device in bought for device in row["devices"]):
                row["updated_at"] = utc_z(now)
        for serial, device in right.items():
            device["serial"] = serial
        sync_system(hub, "fsm", now + timedelta(minutes=1))
        bound = measured_in(hub, "riverbend", now + timedelta(minutes=1))["serials_reconciled"]
    planted = set(bound.works)
    in_use = up & right.keys()
    assert len(in_use) >= 3
    assert in_use <= set(damaged.works), "each of them is named"
    assert set(damaged.works) - planted <= in_use | {with_swapped_digits(serial) for serial in in_use}
    assert {with_swapped_digits(serial) for serial in in_use} <= set(damaged.works)


def test_every_way_to_get_a_serial_wrong_is_among_them(pulled: Pulled) -> None:
    assert {slot.role for slot in pulled.told} >= WRONG | NOBODYS
