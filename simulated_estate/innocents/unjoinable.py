"""Records that no exact key joins. They are billed right, cost nobody anything and cannot be judged."""

from dataclasses import replace

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.imagined import imagined_belief
from simulated_estate.life.stage import Slot, Stage, Story, Unjoinable
from simulated_estate.life.taste import plain_wish
from simulated_estate.mistakes.limits import old_enough
from simulated_estate.spelling import field_order, mistyped, with_swapped_digits


def mistyped_order(stage: Stage) -> Slot:
    """The dispatcher wrote a letter into the order's number."""
    author = Author(stage)
    events.install(author, old_enough(stage), plain_wish(stage))
    (job,) = author.jobs
    text = mistyped(field_order(job.order))
    author.jobs = [replace(job, order_text=text)]
    unjoinable = Unjoinable("order_number", "field_service", text, stage.market.id)
    return Slot("mistyped_order", [Story(author.finish())], unjoinable=[unjoinable])


def unknown_account(stage: Stage) -> Slot:
    """Billing has an account that the CRM never heard of."""
    nobody = Author(stage)
    start = old_enough(stage)
    belief = imagined_belief(nobody, start, plain_wish(stage))
    unjoinable = Unjoinable("account_number", "billing", nobody.account, stage.market.id)
    return Slot("unknown_account", orphans=[belief], unjoinable=[unjoinable])


def swapped_digits(stage: Stage) -> Slot:
    """The technician swapped two digits of the serial; the network knows the right one."""
    author = Author(stage)
    events.install(author, old_enough(stage), plain_wish(stage))
    (job,) = author.jobs
    if job.completion is None:
        raise ValueError("an installation has a completion")
    device, *rest = job.completion.devices
    wrong = replace(device, serial=with_swapped_digits(device.serial))
    author.jobs = [replace(job, completion=replace(job.completion, devices=(wrong, *rest)))]
    unjoinable = Unjoinable("serial", "network", device.serial, stage.market.id)
    return Slot("swapped_digits", [Story(author.finish())], unjoinable=[unjoinable])
