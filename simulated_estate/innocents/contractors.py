"""Contractors who ask for what they did."""

from dataclasses import replace

from simulated_estate.life import events
from simulated_estate.life.stage import Slot, Stage, Story
from simulated_estate.mistakes.contractors import AERIAL, TRENCH, invoice_line
from simulated_estate.mistakes.visits import customer_on_a_day


def asked_as_done(stage: Stage) -> Slot:
    """Looks like RL-H05: two lines for one work order, each for a task that was reported."""
    author, day = customer_on_a_day(stage)
    events.add_outlets(author, day, 1, code=AERIAL)
    job = author.jobs[-1]
    if job.completion is None:
        raise ValueError("a finished job has a completion")
    metres = stage.rng.randint(8, 40)
    tasks = (*job.completion.tasks, (TRENCH, metres))
    author.jobs[-1] = replace(job, completion=replace(job.completion, tasks=tasks))
    drop = invoice_line(author, day, AERIAL, 1)
    author.invoices = (drop, replace(invoice_line(author, day, TRENCH, metres, line=2), day=drop.day))
    return Slot("asked_as_done", [Story(author.finish())])


def two_like_jobs(stage: Stage) -> Slot:
    """Looks like RL-H04: the same work for the same customer twice, days apart, under two work orders."""
    author, day = customer_on_a_day(stage)
    events.add_outlets(author, day, 1, code=AERIAL)
    first = invoice_line(author, day, AERIAL, 1)
    events.add_outlets(author, day, 1, code=AERIAL)
    author.invoices = (first, invoice_line(author, day, AERIAL, 1))
    return Slot("two_like_jobs", [Story(author.finish())])


def asked_for_less(stage: Stage) -> Slot:
    """Looks like RL-H05: fewer metres asked for than were dug."""
    author, day = customer_on_a_day(stage)
    events.add_outlets(author, day, 30, code=TRENCH)
    author.invoices = (invoice_line(author, day, TRENCH, 25),)
    return Slot("asked_for_less", [Story(author.finish())])
