"""Devices of two customers that changed places on the bench, and one that was taken for another's."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import Placed
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish, stepped
from simulated_estate.mistakes.edits import keep_tier
from simulated_estate.mistakes.limits import later_day


def crossed_accounts(stage: Stage) -> Slot:
    """RL-B07: two customers get new devices on one day, each the other's, and with it the other's tier."""
    authors, tiers, day = two_with_new_devices(stage, stepped(stage, up=True))
    fit_each_others(authors)
    stories = []
    for author, billed, delivered in zip(authors, tiers, reversed(tiers), strict=True):
        provision_by_serial(author, day + timedelta(days=1), delivered)
        mistake = Mistake("RL-B07", f"device crossed on {day}: runs at {delivered}", keep_tier(billed))
        stories.append(Story(author.finish(), (mistake,)))
    return Slot("crossed_accounts", stories)


def neighbours_device_taken(stage: Stage) -> Slot:
    """RL-C01 or RL-C02 by turns, and not RL-B07: one got the other's device, the other a third one."""
    is_up = stage.turn % 2 == 0
    authors, tiers, day = two_with_new_devices(stage, stepped(stage, up=is_up))
    first, second = authors
    fit_each_others(authors)
    spare = replace(second.in_service()[1], serial=stage.numbers.serial(stage.market.elements[0]))
    _write_down(second, spare.serial)
    second.device = spare
    first.movements = tuple(
        each for each in first.movements if each.what != "issued" or each.job != first.jobs[-1].number
    )
    provision_by_serial(first, day + timedelta(days=1), tiers[1])
    provision_by_serial(second, day, tiers[1])
    note = f"has a device that was meant for account {second.account}"
    mistake = Mistake("RL-C01" if is_up else "RL-C02", note, keep_tier(tiers[0]))
    return Slot("neighbours_device_taken", [Story(first.finish(), (mistake,)), Story(second.finish())])


def two_with_new_devices(stage: Stage, tiers: tuple[str, str]) -> tuple[tuple[Author, Author], tuple[str, str], date]:
    """Two customers of years, each of whom gets another device on one day, and that day."""
    authors = (Author(stage), Author(stage))
    for author, tier in zip(authors, tiers, strict=True):
        events.install(author, stage.tenured_day(), plain_wish(stage, offering=tier))
    day = later_day(stage, stage.window.start)
    for author in authors:
        events.repair(author, day, has_new_device=True)
    return authors, tiers, day


def fit_each_others(authors: tuple[Author, Author]) -> None:
    """Leave at each customer the device that was taken along for the other."""
    devices = [author.in_service()[1] for author in authors]
    for author, own, other in zip(authors, devices, reversed(devices), strict=True):
        author.jobs[-1] = replace(author.jobs[-1], expected_serial=own.serial)
        _write_down(author, other.serial)
        author.device = replace(other, element=own.element, port=own.port)


def provision_by_serial(author: Author, on: date, offering: str) -> None:
    """Let the nightly run give a device the profile of whom it believes to have it."""
    events.retune(author, on, offering, author.stage.moment(on, 1, 4))


def _write_down(author: Author, serial: str) -> None:
    job = author.jobs[-1]
    if job.completion is None:
        raise ValueError(f"nothing was left at account {author.account}")
    placed = Placed(author.stage.market.device_kind, serial, "leased")
    author.jobs[-1] = replace(job, completion=replace(job.completion, devices=(placed,)))
