"""Parts of a pack that are billed beside it."""

from dataclasses import replace
from datetime import date

from simulated_estate.catalogue import OFFICE_PACK, STATIC_IP, VOICE
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import ItemAction, Term
from simulated_estate.life.stage import Mistake, Slot, Stage, Story
from simulated_estate.life.taste import plain_wish
from simulated_estate.life.wish import charged_with
from simulated_estate.mistakes.add_ons import noticed
from simulated_estate.mistakes.edits import prolong
from simulated_estate.mistakes.limits import later_day, old_enough


def part_beside_its_pack(stage: Stage) -> Slot:
    """RL-D05: an address, or a voice line, that comes with the pack since a day is billed by itself as before."""
    author, part, day = pack_owner(stage)
    mistake = Mistake("RL-D05", f"{part} billed beside the pack since {day}", prolong(part, noticed(stage, day)))
    return Slot("part_beside_its_pack", [Story(author.finish(), (mistake,))])


def pack_owner(stage: Stage) -> tuple[Author, str, date]:
    """A customer who had a part of the pack and orders the whole on a day: who, which part, and when."""
    author = Author(stage)
    start = old_enough(stage)
    part = VOICE if stage.turn % 2 and stage.market.technology != "fixed_wireless" else STATIC_IP
    events.install(author, start, plain_wish(stage, addons=(part,)))
    day = later_day(stage, start)
    items: tuple[tuple[str, ItemAction], ...] = (
        (author.tier, "no_change"),
        (part, "delete"),
        (OFFICE_PACK, "add"),
    )
    author.order("Change", day, stage.moment(day), items, lead_days=3)
    gone = charged_with(part)
    extras = tuple(replace(term, end=day) if term.product in gone else term for term in author.in_service()[0].extras)
    author.amend_service(extras=(*extras, Term(OFFICE_PACK, day, None)))
    return author, part, day
