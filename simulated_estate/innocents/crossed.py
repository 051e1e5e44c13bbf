"""Devices that changed places without anybody's loss."""

from datetime import timedelta

from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.taste import stepped
from simulated_estate.mistakes.crossed import fit_each_others, provision_by_serial, two_with_new_devices


def crossed_and_bound_anew(stage: Stage) -> Slot:
    """Looks like RL-B07: devices changed places, and each was given the tier of the customer who has it."""
    authors, tiers, day = two_with_new_devices(stage, stepped(stage, up=stage.turn % 2 == 0))
    fit_each_others(authors)
    for author, tier in zip(authors, tiers, strict=True):
        provision_by_serial(author, day + timedelta(days=1), tier)
    return Slot("crossed_and_bound_anew", [Story(author.finish()) for author in authors])


def crossed_and_alike(stage: Stage) -> Slot:
    """Looks like RL-B07: devices changed places between two customers of one tier."""
    slow, _ = stepped(stage, up=True)
    authors, tiers, day = two_with_new_devices(stage, (slow, slow))
    fit_each_others(authors)
    for author, tier in zip(authors, tiers, strict=True):
        provision_by_serial(author, day + timedelta(days=1), tier)
    return Slot("crossed_and_alike", [Story(author.finish()) for author in authors])
