"""Apartment buildings: some premises lie behind an address that others have as well, each in a unit of its own."""

from dataclasses import replace
from random import Random

from simulated_estate.life import people
from simulated_estate.life.records import Life, Premise
from simulated_estate.life.stage import Slot
from simulated_estate.markets import Market

_SHARE = 0.15
_NEIGHBOURS = 60
"""Positions of which those of one market that live in flats share a building."""


def in_buildings(slot: Slot, position: int, seed: int) -> Slot:
    """The slot, and where it is told so its first premise a flat in a building that others of the estate live in."""
    chance = Random(f"lumen valley {seed} {position} flat")
    if chance.random() >= _SHARE:
        return slot
    flats = {story.life.premises[0].number for story in slot.stories[:1]}
    slot.stories = [
        replace(story, life=_housed(story.life, position, seed)) if story.life.premises[0].number in flats else story
        for story in slot.stories
    ]
    return slot


def _housed(life: Life, position: int, seed: int) -> Life:
    first, *others = life.premises
    building = Random(f"lumen valley {seed} {life.market.id} {position // _NEIGHBOURS} building")
    unit = f"{1 + position % _NEIGHBOURS // 4}{'ABCD'[position % 4]}"
    return replace(life, premises=(replace(_behind(first, building, life.market), unit=unit), *others))


def _behind(premise: Premise, building: Random, market: Market) -> Premise:
    """The premise with the address and the place of a building."""
    latitude, longitude = people.place(building, market)
    return replace(
        premise,
        house=2 * building.randint(500, 999),
        street=building.choice(("Harbour", "Depot", "Chapel")),
        kind="Avenue",
        postal_code=people.postal_code(building, market),
        latitude=latitude,
        longitude=longitude,
    )
