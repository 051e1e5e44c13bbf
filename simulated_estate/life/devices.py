"""Subscriber devices as the network knows them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from simulated_estate.life.records import Device, DeviceState
from simulated_estate.life.stage import Stage
from simulated_estate.markets import Market


def live_device(stage: Stage, offering: str, registered: datetime) -> Device:
    """A new device with traffic up to the last hours before anybody looks."""
    return _device(stage, offering, registered, "up", _just_now(stage))


def discovered_device(stage: Stage, registered: datetime) -> Device:
    """A new device that was seen but not let in: no profile, no traffic."""
    return _device(stage, None, registered, "discovered", None)


def _device(
    stage: Stage, offering: str | None, registered: datetime, state: DeviceState, last_traffic: datetime | None
) -> Device:
    element = stage.rng.choice(stage.market.elements)
    seen = registered.astimezone(UTC)
    return Device(
        stage.numbers.serial(element),
        element.name,
        stage.numbers.port(),
        state,
        offering,
        seen,
        seen if offering else None,
        last_traffic,
        _received_power(stage.rng, stage.market),
    )


def _just_now(stage: Stage) -> datetime:
    return stage.window.as_of - timedelta(minutes=stage.rng.randint(2, 300))


def _received_power(rng: Random, market: Market) -> Decimal | None:
    """A healthy level in dBm with two digits; now and then there is no reading."""
    if rng.random() < 0.02:
        return None
    low, high = (-7400, -5200) if market.technology == "fixed_wireless" else (-2480, -1450)
    return Decimal(rng.randint(low, high)).scaleb(-2)
