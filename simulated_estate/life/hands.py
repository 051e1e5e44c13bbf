"""Whose hands the work of an order goes through: people who enter, copy and correct it, and programs that pass it on.

Chance comes from the number of what is worked on and of nothing else, so that no life changes by being looked at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from simulated_estate.life.records import Job, Order, Visit

Step = Literal["order", "provisioning", "dispatch", "field", "billing"]
Action = Literal["entered", "copied", "corrected", "rescheduled", "forced"]

_CLERKS = ("a.lind", "b.okafor", "c.reyes", "d.sato")
_DISPATCHERS = ("e.moreau", "f.quist")
_BILLERS = ("g.haas", "h.ivers")
_INTERFACE = "interface"


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand on the work of an order.

    Attributes:
        action: ``entered`` where it was first written down, ``copied`` from another system, ``corrected`` where
            something was wrong, ``rescheduled`` for another day, ``forced`` into a state.
        actor: a person, or the program that passes work on.
    """

    step: Step
    action: Action
    actor: str
    is_person: bool
    moment: datetime


def hands_on_order(order: Order, jobs: tuple[Job, ...]) -> list[Hand]:
    """What was done with an order in the office: its entry, what was put right, and the profile of the line.

    Args:
        order: the order.
        jobs: work orders of its account.
    """
    rng = Random(f"order {order.number}")
    clerk, sold_by_hand = rng.choice(_CLERKS), rng.random() < 0.6
    is_wrong, is_provisioned_by_hand = rng.random() < 0.12, rng.random() < 0.3
    is_provisioned_twice, is_forced = rng.random() < 0.06, rng.random() < 0.05
    hands = [_hand("order", "entered", clerk, sold_by_hand, order.created)]
    if is_wrong:
        hands.append(_hand("order", "corrected", clerk, True, order.created + _minutes(rng, 5, 240)))
    done = _installed_at(order, jobs)
    if done is not None:
        moment = done - _minutes(rng, 42, 44)
        action: Action = "copied" if is_provisioned_by_hand else "entered"
        hands.append(_hand("provisioning", action, clerk, is_provisioned_by_hand, moment))
        if is_provisioned_twice:
            hands.append(_hand("provisioning", "corrected", clerk, True, done - _minutes(rng, 2, 20)))
    if is_forced and order.completed is not None:
        hands.append(_hand("order", "forced", clerk, True, order.completed))
    return hands


def hands_on_job(job: Job) -> list[Hand]:
    """What was done with a work order: copied from the order or passed on, put off, its report typed in."""
    rng = Random(f"job {job.number}")
    dispatcher, is_copied = rng.choice(_DISPATCHERS), rng.random() < 0.45
    action: Action = "copied" if is_copied else "entered"
    hands = [_hand("dispatch", action, dispatcher, is_copied, job.created)]
    for failed in job.visits[:-1]:
        left = failed.left or failed.scheduled
        hands.append(_hand("dispatch", "rescheduled", dispatcher, True, left + _minutes(rng, 5, 90)))
    if job.completion is not None:
        is_typed = rng.random() < 0.1
        action = "copied" if is_typed else "entered"
        hands.append(_hand("field", action, dispatcher, is_typed, job.completion.received))
    return hands


def opener(subscription: str) -> tuple[str, bool]:
    """Who opened a subscription in billing, and whether that is a person."""
    rng = Random(f"subscription {subscription}")
    biller, is_person = rng.choice(_BILLERS), rng.random() < 0.4
    return (biller, True) if is_person else (_INTERFACE, False)


def set_out(job: Job, number: int, visit: Visit) -> datetime | None:
    """When the technician set out for a visit of a job, counted from 1; None where nobody has arrived."""
    return visit.arrived and visit.arrived - timedelta(minutes=Random(f"way {job.number} {number}").randint(8, 45))


def _installed_at(order: Order, jobs: tuple[Job, ...]) -> datetime | None:
    if order.kind != "New":
        return None
    done = [
        job.completion.completed
        for job in jobs
        if job.order == order.number and job.kind == "install" and job.completion
    ]
    return min(done, default=None)


def _hand(step: Step, action: Action, person: str, is_person: bool, moment: datetime) -> Hand:
    return Hand(step, action, person if is_person else _INTERFACE, is_person, moment)


def _minutes(rng: Random, first: int, last: int) -> timedelta:
    return timedelta(minutes=rng.randint(first, last))
