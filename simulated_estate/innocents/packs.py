"""Packs and their parts, billed as they should be."""

from datetime import timedelta

from simulated_estate.catalogue import STATIC_IP
from simulated_estate.life import events
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.mistakes.packs import pack_owner


def pack_taken_up(stage: Stage) -> Slot:
    """Looks like RL-D05: the part was billed up to the day of the pack; some order another address later."""
    author, part, day = pack_owner(stage)
    if stage.turn % 2 == 0 and part == STATIC_IP:
        events.add(author, day + timedelta(days=stage.rng.randint(2, 20)), STATIC_IP)
    return Slot("pack_taken_up", [Story(author.finish())])
