"""Subscriber devices as the network knows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from simulated_estate.feeders import feeder_of
from simulated_estate.life.records import Device, DeviceState, Premise
from simulated_estate.life.stage import Stage
from simulated_estate.markets import Element, Market


def live_device(stage: Stage, offering: str, registered: datetime, at: Premise | None = None) -> Device:
    """A new device with traffic up to the last hours before anybody looks; with no premise it hangs anywhere."""
    return _device(stage, offering, registered, "up", _just_now(stage), at)


def discovered_device(stage: Stage, registered: datetime, at: Premise | None = None) -> Device:
    """A new device that was seen but not let in: no profile, no traffic."""
    return _device(stage, None, registered, "discovered", None, at)


def hung_at(device: Device, market: Market, premise: Premise) -> Device:
    """A device that was carried to a premise: it is on the port that feeds the terminal there."""
    element, port = feeder_of(market, premise.terminal)
    return replace(device, element=element.name, port=f"{port}/{device.port.rpartition('/')[2]}")


def _device(
    stage: Stage,
    offering: str | None,
    registered: datetime,
    state: DeviceState,
    last_traffic: datetime | None,
    at: Premise | None,
) -> Device:
    number = stage.numbers.on_port()
    element, port = _anywhere(stage, number)
    if at is not None:
        element, port = feeder_of(stage.market, at.terminal)
    seen = registered.astimezone(UTC)
    return Device(
        stage.numbers.serial(element),
        element.name,
        f"{port}/{number}",
        state,
        offering,
        seen,
        seen if offering else None,
        last_traffic,
        _received_power(stage.rng, stage.market),
    )


def _anywhere(stage: Stage, number: int) -> tuple[Element, str]:
    """Some port, drawn for every device, so that the rest of a life is the same wherever it stands."""
    return stage.rng.choice(stage.market.elements), f"1/{1 + number // 1024 % 4}/{1 + number // 64 % 16}"


def _just_now(stage: Stage) -> datetime:
    return stage.window.as_of - timedelta(minutes=stage.rng.randint(2, 300))


def _received_power(rng: Random, market: Market) -> Decimal | None:
    """A healthy level in dBm with two digits; now and then there is no reading."""
    if rng.random() < 0.02:
        return None
    low, high = (-7400, -5200) if market.technology == "fixed_wireless" else (-2480, -1450)
    return Decimal(rng.randint(low, high)).scaleb(-2)
