"""Moves, swaps, neighbours, and devices that are nobody's yet."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.devices import discovered_device
from simulated_estate.life.ordinary import ordinary_life
from simulated_estate.life.records import Job, Placed, Visit
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.life.stockroom import hand_out
from simulated_estate.life.taste import ordinary_wish, plain_wish
from simulated_estate.mistakes.field_work import open_job
from simulated_estate.mistakes.limits import later_day, old_enough


def moved(stage: Stage) -> Slot:
    """Looks like RL-B05 or RL-B04: two subscriptions, one after the other, for one service at two premises."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    events.move(author, later_day(stage, start), has_new_device=stage.turn % 2 == 0)
    return _slot("moved", author)


def device_swapped(stage: Stage) -> Slot:
    """Looks like RL-B01: another serial for the same service, left by a repair."""
    author = Author(stage)
    start = old_enough(stage)
    events.install(author, start, ordinary_wish(stage))
    events.repair(author, later_day(stage, start), has_new_device=True)
    return _slot("device_swapped", author)


def two_accounts(stage: Stage) -> Slot:
    """Looks like RL-B05: one business, two accounts at one premise, each with a service of its own."""
    first = Author(stage, segment="business")
    events.install(first, old_enough(stage), ordinary_wish(stage))
    second = Author(stage, segment="business", premises=list(first.premises))
    second.name = first.name
    events.install(second, old_enough(stage), plain_wish(stage, offering=first.tier))
    return Slot("two_accounts", [Story(first.finish()), Story(second.finish())])


def awaited_device(stage: Stage) -> Slot:
    """Looks like RL-B01: seconds old, and an open work order names its serial."""
    author = Author(stage)
    as_of = stage.window.as_of.astimezone(stage.market.zone)
    seen = as_of - timedelta(seconds=stage.rng.randint(15, 90))
    device = discovered_device(stage, seen, author.premises[-1])
    order = events.place(author, as_of.date(), ordinary_wish(stage))
    order = replace(order, created=min(order.created, stage.moment(as_of.date() - timedelta(days=1))))
    author.amend_order(order)
    scheduled = as_of.replace(minute=0, second=0) - timedelta(hours=1)
    visit = Visit(scheduled, scheduled + timedelta(minutes=5), None, "open")
    author.jobs.append(
        Job(
            number=stage.numbers.job(),
            order=order.number,
            kind="install",
            state="on_site",
            premise=0,
            created=order.created,
            scheduled=scheduled,
            visits=(visit,),
            expected_serial=device.serial,
        )
    )
    placed = Placed(stage.market.device_kind, device.serial, "leased")
    hand_out(author, [placed], author.jobs[-1].number, scheduled)
    return Slot("awaited_device", [Story(author.finish())], strays=[device])


def idle_device(stage: Stage) -> Slot:
    """Looks like RL-B01 and RL-B09: discovered beside an ordinary customer some hours ago, no traffic."""
    neighbour = ordinary_life(stage)
    seen = stage.window.as_of - timedelta(hours=stage.rng.randint(1, 22), minutes=stage.rng.randint(0, 59))
    return replace(neighbour, role="idle_device", strays=[discovered_device(stage, seen)])


def device_of_a_parked_job(stage: Stage) -> Slot:
    """Looks like RL-B09: discovered weeks ago, and the work order that waits for a permit names its serial."""
    author = Author(stage)
    today = stage.window.as_of.astimezone(stage.market.zone).date()
    order = events.place(author, today - timedelta(days=stage.rng.randint(1, 13)), ordinary_wish(stage))
    seen = stage.moment(stage.day(stage.window.end - timedelta(days=40), stage.window.end - timedelta(days=15)))
    device = discovered_device(stage, seen, author.premises[-1])
    open_job(author, order, stage.moment(order.effective, 9, 15), "on_hold", "1U permit pending")
    author.jobs = [replace(author.jobs[-1], expected_serial=device.serial)]
    placed = Placed(stage.market.device_kind, device.serial, "leased")
    hand_out(author, [placed], author.jobs[-1].number, seen)
    return Slot("device_of_a_parked_job", [Story(author.finish())], strays=[device])


def device_not_written_down(stage: Stage) -> Slot:
    """Looks like RL-B01: the technician listed no access device; it is the one that the work order expected."""
    author = Author(stage)
    events.install(author, old_enough(stage), ordinary_wish(stage))
    (job,) = author.jobs
    if job.completion is None:
        raise ValueError("an installation has a completion")
    device, *rest = job.completion.devices
    silent = replace(job.completion, devices=tuple(rest))
    author.jobs = [replace(job, completion=silent, expected_serial=device.serial)]
    return _slot("device_not_written_down", author)


def cancelled_order(stage: Stage) -> Slot:
    """Looks like RL-A01 or RL-B02: ordered, called off, never billed."""
    author = Author(stage)
    appointment: date = stage.early_day(left=10)
    order = events.place(author, appointment, ordinary_wish(stage))
    author.amend_order(replace(order, state="cancelled"))
    scheduled = stage.moment(appointment)
    visit = Visit(scheduled, None, None, "cancelled", "customer cancelled")
    number = stage.numbers.job()
    author.jobs.append(Job(number, order.number, "install", "cancelled", 0, order.created, scheduled, (visit,)))
    return _slot("cancelled_order", author)


def _slot(role: str, author: Author) -> Slot:
    return Slot(role, [Story(author.finish())])
