"""Lines that another provider sells over our network and is not asked for, or not for all of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from simulated_estate.biller import prorated, rounded
from simulated_estate.catalogue import offerings_of
from simulated_estate.life.devices import live_device
from simulated_estate.life.filings import RetailCharge, RetailLine
from simulated_estate.life.ordinary import ordinary_life
from simulated_estate.life.records import Device
from simulated_estate.life.stage import Loss, Slot, Stage
from simulated_estate.months import next_month

SLOW, FAST = "tail-500", "tail-1000"
_RATES = {
    SLOW: {"riverbend": Decimal("31.00"), "mesa": Decimal("34.50"), "northshore": Decimal("27.25")},
    FAST: {"riverbend": Decimal("39.90"), "mesa": Decimal("42.00"), "northshore": Decimal("36.60")},
}
"""A month of a line."""
_RETAILER = "Blue Heron Telecom"


def retail_line_not_invoiced(stage: Stage) -> Slot:
    """RL-H02: in use, and the provider is never asked for it, not for its first month, or for a slower one."""
    window = stage.window
    day = stage.day(window.start + timedelta(days=2), window.end - timedelta(days=35))
    line, device = retail_line(stage, FAST, day)
    asked = list(charges_of(stage, line))
    if stage.turn % 3 == 0:
        asked = []
    elif stage.turn % 3 == 1:
        asked = asked[1:]
    else:
        asked = list(charges_of(stage, line, SLOW))
    given = {charge.start.replace(day=1): charge.cents for charge in asked}
    missing = {
        charge.start.replace(day=1): charge.cents - given.get(charge.start.replace(day=1), 0)
        for charge in charges_of(stage, line)
    }
    losses = []
    for exposure_class, is_open in (("lost", False), ("recoverable", True)):
        months = {
            month: cents for month, cents in missing.items() if cents and (month >= window.back_bill_from) is is_open
        }
        if months:
            subject, note = f"wholesale_line/{line.number}", f"{line.retailer} has it since {day}"
            losses.append(
                Loss("RL-H02", "wholesale_line", subject, "under_billed", exposure_class, months, note)  # type: ignore[arg-type]
            )
    return beside_a_neighbour(stage, "retail_line_not_invoiced", line, device, asked, tuple(losses))


def retail_line(stage: Stage, offering: str, start: date, end: date | None = None) -> tuple[RetailLine, Device]:
    """A line of another provider and the device at its end, which carries traffic from a day on."""
    device = live_device(stage, stage.rng.choice(offerings_of(stage.market.technology)), stage.moment(start))
    if end is not None:
        device = replace(device, state="down", last_traffic=stage.moment(end, 0, 1))
    return RetailLine(f"WL-{device.serial}", _RETAILER, offering, device.serial, start, end), device


def charges_of(stage: Stage, line: RetailLine, offering: str | None = None) -> Iterator[RetailCharge]:
    """What the provider is to be asked for a line each month of the window."""
    window, market = stage.window, stage.market
    rate = _RATES[offering or line.offering][market.id]
    for month in window.firsts():
        start, end = max(month, line.start), min(next_month(month), line.end or date.max)
        if start < end:
            cents = int(rounded(prorated(rate, start, end, market.convention), market.rounding) * 100)
            invoice = f"BHT-{month:%y%m}-{market.billing_code}-{line.number}"
            yield RetailCharge(invoice, 1, line.retailer, line.number, start, end, cents, next_month(month))


def beside_a_neighbour(
    stage: Stage,
    role: str,
    line: RetailLine,
    device: Device | None,
    asked: list[RetailCharge],
    losses: tuple[Loss, ...] = (),
) -> Slot:
    """An ordinary customer of ours, and beside him the line of another provider."""
    neighbour = ordinary_life(stage)
    stories = [replace(neighbour.stories[0], losses=losses), *neighbour.stories[1:]]
    strays = [] if device is None else [device]
    return replace(neighbour, role=role, stories=stories, strays=strays, filings=[line, *asked])
