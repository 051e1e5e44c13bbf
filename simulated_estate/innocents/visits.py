"""Work in the field that is charged, or need not be, and trucks that were sent for a reason."""

from datetime import timedelta

from simulated_estate.catalogue import VISIT_FEE
from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.records import PriceException
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.mistakes.visits import customer_on_a_day, tested


def outlets_charged(stage: Stage) -> Slot:
    """Looks like RL-A08: two outlets more, and their fee on the next bill."""
    author, day = customer_on_a_day(stage)
    events.add_outlets(author, day, 2)
    return _slot("outlets_charged", author)


def work_without_a_price(stage: Stage) -> Slot:
    """Looks like RL-A08: a task on a visit that has no price."""
    author, day = customer_on_a_day(stage)
    events.add_outlets(author, day, 3, code="T-LABEL")
    return _slot("work_without_a_price", author)


def visit_charged(stage: Stage) -> Slot:
    """Looks like RL-I05: the customer's own equipment was at fault, and the fee is on the next bill."""
    author, day = customer_on_a_day(stage)
    events.visit_for_own_equipment(author, day)
    return _slot("visit_charged", author)


def visit_forgiven(stage: Stage) -> Slot:
    """Looks like RL-I05: the same, and the fee was waived by approval."""
    author, day = customer_on_a_day(stage)
    fees = author.in_service()[0].fees
    events.visit_for_own_equipment(author, day)
    author.amend_service(fees=fees)
    until = day + timedelta(days=3)
    author.exceptions.append(PriceException("fee_waiver", VISIT_FEE, None, day, until, author.approver()))
    return _slot("visit_forgiven", author)


def sent_with_reason(stage: Stage) -> Slot:
    """Looks like RL-I01: the line was tested hours before, and the test failed or could not tell."""
    author, day = customer_on_a_day(stage)
    events.repair(author, day, has_new_device=False, cause="3D drop damaged")
    verdict = "failed" if stage.turn % 2 == 0 else "inconclusive"
    author.jobs[-1] = tested(author.jobs[-1], stage.rng.randint(2, 22), verdict)
    return _slot("sent_with_reason", author)


def tested_long_before(stage: Stage) -> Slot:
    """Looks like RL-I01: the line was well when it was tested, days before the truck came."""
    author, day = customer_on_a_day(stage)
    events.repair(author, day, has_new_device=False, cause="3L low light")
    author.jobs[-1] = tested(author.jobs[-1], stage.rng.randint(30, 90), "passed")
    return _slot("tested_long_before", author)


def _slot(role: str, author: Author) -> Slot:
    return Slot(role, [Story(author.finish())])
