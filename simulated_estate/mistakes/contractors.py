"""What contractors ask for and did not do, did not prove, or asked for before."""

from dataclasses import replace
from datetime import date, timedelta

from simulated_estate.life import events
from simulated_estate.life.author import Author
from simulated_estate.life.fieldwork import attend
from simulated_estate.life.records import InvoiceLine, Job
from simulated_estate.life.stage import Loss, Slot, Stage, Story
from simulated_estate.markets import Market
from simulated_estate.mistakes.visits import customer_on_a_day

AERIAL, BURIED, TRENCH = "C-DROP-AERIAL", "C-DROP-BURIED", "C-TRENCH-M"
_RATES = {
    AERIAL: {"riverbend": 9_500, "mesa": 9_000, "northshore": 11_000},
    BURIED: {"riverbend": 24_000, "mesa": 22_500, "northshore": 26_000},
    TRENCH: {"riverbend": 1_450, "mesa": 1_200, "northshore": 1_625},
}
"""Cents for one drop, or for one metre of trench."""


def asked_without_proof(stage: Stage) -> Slot:
    """RL-H04: a drop that nobody reported, or one that was asked for already, by turns."""
    author, day = customer_on_a_day(stage)
    if stage.turn % 2 == 0:
        visits = attend(stage, day)
        number, created = stage.numbers.job(), visits.scheduled - timedelta(days=2)
        job = Job(number, author.base_order, "repair", "completed", 0, created, visits.scheduled, visits.visits)
        author.jobs.append(job)
        author.invoices = (invoice_line(author, day, AERIAL, 1),)
        note = "a work order that nobody reported as done"
    else:
        events.add_outlets(author, day, 1, code=AERIAL)
        first = invoice_line(author, day, AERIAL, 1)
        again = replace(first, invoice=f"{first.invoice}A", day=first.day + timedelta(days=6))
        author.invoices = (first, again)
        note = f"asked for by {first.invoice} already"
    return _slot("asked_without_proof", author, "RL-H04", author.invoices[-1].cents, note)


def another_code_than_done(stage: Stage) -> Slot:
    """RL-H05: an aerial drop asked for as a buried one, or more metres of trench than were dug, by turns."""
    author, day = customer_on_a_day(stage)
    if stage.turn % 2 == 0:
        events.add_outlets(author, day, 1, code=AERIAL)
        author.invoices = (invoice_line(author, day, BURIED, 1),)
        too_much = rate(stage.market, BURIED) - rate(stage.market, AERIAL)
        return _slot(
            "another_code_than_done", author, "RL-H05", too_much, "an aerial drop, asked for as a buried one"
        )
    done, more = stage.rng.randint(10, 60), stage.rng.randint(5, 25)
    events.add_outlets(author, day, done, code=TRENCH)
    author.invoices = (invoice_line(author, day, TRENCH, done + more),)
    too_much = rate(stage.market, TRENCH) * more
    return _slot("another_code_than_done", author, "RL-H05", too_much, f"{more} metres more than were dug")


def invoice_line(author: Author, day: date, code: str, quantity: int, line: int = 1) -> InvoiceLine:
    """What a contractor asks for the last job of an account, some days after it."""
    cents = rate(author.stage.market, code) * quantity
    job = author.jobs[-1]
    sent = day + timedelta(days=author.stage.rng.randint(1, 12))
    return InvoiceLine(f"INV-{job.number}", line, "Cable & Sons", job.number, code, quantity, cents, sent)


def rate(market: Market, code: str) -> int:
    """Cents for one of what a code stands for."""
    return _RATES[code][market.id]


def _slot(role: str, author: Author, rule: str, cents: int, note: str) -> Slot:
    line = author.invoices[-1]
    subject = f"invoice_line/{line.invoice}-{line.line}"
    loss = Loss(rule, "invoice_line", subject, "cost", "cost", {line.day.replace(day=1): cents}, note)
    return Slot(role, [Story(author.finish(), losses=(loss,))])
