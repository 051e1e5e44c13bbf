"""The field service system: work orders and completions as JSON objects.

``work_orders``: ``id`` (``wo_0f3a91c2``), ``order_reference`` (``SO-12345``; a repair, or a change that nobody
    ordered, names the order that brought the service), ``region`` (``RIV``, ``MSA``, ``NSH``), ``type``
    (``install``, ``change``, ``repair``, ``move``, ``disconnect``), ``state`` (``new``, ``booked``, ``en_route``,
    ``on_site``, ``parked``, ``done``, ``unable``, ``void``), ``address``, ``scheduled_for`` (local with offset),
    ``expected_serial`` (or null), ``visits`` (list of ``visit_no``, ``scheduled``, ``en_route``,
    ``arrived``, ``left``, ``outcome``, ``cause``; moments local with offset or null; outcome ``complete``,
    ``return``, ``no_access``, ``cancelled``, ``open``; cause a text or null), ``line_test`` (null, or ``tested_at``
    and ``verdict``: ``passed``, ``failed``, ``inconclusive``), ``activities`` (list of ``step``: ``dispatch``,
    ``field``; ``action``: ``entered``, ``copied``, ``rescheduled``; ``by``, ``by_kind``: ``user``, ``interface``;
    ``at``, local with offset),
    ``created_at``, ``updated_at`` (UTC, ``Z``).

``completions``: ``id`` (``cmp_0f3a91c2``), ``work_order_id``, ``completed_at`` (when it happened, local with offset),
    ``received_at`` (when the tablet synchronised, local with offset), ``installed_plan`` (the technicians' words for
    an access offering; null where none was left, as on a disconnect), ``devices`` (list of ``kind`` (``ont``,
    ``nid``, ``sm``, ``router``), ``serial`` (as typed), ``ownership`` (``leased``, ``customer``)), ``photos`` (list
    of ``subject``, ``taken_at``), ``gps`` (``lat``, ``lon``), ``tests`` (list of ``name``, ``value``, ``unit``,
    ``passed``), ``tasks`` (list of ``code``, ``quantity``), ``checklist`` (``complete``, ``signed``: true or false),
    ``notes``, ``technician``, ``crew``, ``updated_at`` (UTC, ``Z``).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from simulated_estate.books import Row
from simulated_estate.catalogue import ACCESS
from simulated_estate.life.hands import hands_on_job, set_out
from simulated_estate.life.records import Completion, Job, Life, Visit
from simulated_estate.spelling import field_address, field_order, field_plan, field_serial, local, utc_z

_STATES = {
    "new": "new",
    "scheduled": "booked",
    "dispatched": "en_route",
    "on_site": "on_site",
    "on_hold": "parked",
    "completed": "done",
    "cannot_complete": "unable",
    "cancelled": "void",
}
_OUTCOMES = {
    "done": "complete",
    "return_needed": "return",
    "no_access": "no_access",
    "cancelled": "cancelled",
    "open": "open",
}
_SUBJECTS = {
    "install": ("drop", "terminal", "device label"),
    "move": ("terminal", "device label"),
    "repair": ("device label",),
    "change": (),
    "disconnect": ("terminal",),
}
_UNSIGNED = 60
"""So many jobs have one without the customer's signature."""


def field_service_rows(life: Life) -> Iterator[tuple[str, Row]]:
    """Everything the field service system holds of a life, as (feed, row)."""
    for job in life.jobs:
        rng = Random(job.number)
        yield "work_orders", _work_order(life, job)
        if job.completion is not None:
            yield "completions", _completion(life, job, job.completion, rng)


def _work_order(life: Life, job: Job) -> Row:
    visits = [_visit(job, number, visit) for number, visit in enumerate(job.visits, start=1)]
    return {
        "id": f"wo_{job.number:08x}",
        "order_reference": job.order_text or field_order(job.order),
        "region": life.market.region,
        "type": job.kind,
        "state": _STATES[job.state],
        "address": field_address(life.premises[job.premise], life.market),
        "scheduled_for": local(job.scheduled),
        "expected_serial": job.expected_serial,
        "visits": visits,
        "line_test": _line_test(job),
        "activities": [
            {
                "step": hand.step,
                "action": hand.action,
                "by": hand.actor,
                "by_kind": "user" if hand.is_person else "interface",
                "at": local(hand.moment),
            }
            for hand in hands_on_job(job)
        ],
        "created_at": utc_z(job.created),
        "updated_at": utc_z(_last_word(job)),
    }


def _line_test(job: Job) -> Row | None:
    if job.line_test is None:
        return None
    tested_at, verdict = job.line_test
    return {"tested_at": local(tested_at), "verdict": verdict}


def _last_word(job: Job) -> datetime:
    """When the work order was last written to."""
    moments = [job.created, *(visit.left for visit in job.visits if visit.left is not None)]
    if job.completion is not None:
        moments.append(job.completion.received)
    return max(moments)


def _visit(job: Job, number: int, visit: Visit) -> Row:
    on_the_way = set_out(job, number, visit)
    return {
        "visit_no": number,
        "scheduled": local(visit.scheduled),
        "en_route": local(on_the_way) if on_the_way else None,
        "arrived": local(visit.arrived) if visit.arrived else None,
        "left": local(visit.left) if visit.left else None,
        "outcome": _OUTCOMES[visit.outcome],
        "cause": visit.cause,
    }


def _completion(life: Life, job: Job, done: Completion, rng: Random) -> Row:
    premise = life.premises[job.premise]
    return {
        "id": f"cmp_{job.number:08x}",
        "work_order_id": f"wo_{job.number:08x}",
        "completed_at": local(done.completed),
        "received_at": local(done.received),
        "installed_plan": field_plan(rng, done.offering) if done.offering else None,
        "devices": [
            {
                "kind": placed.kind,
                "serial": field_serial(rng, placed.serial),
                "ownership": placed.ownership,
            }
            for placed in done.devices
        ],
        "photos": [
            {"subject": subject, "taken_at": local(done.completed - timedelta(minutes=minutes))}
            for minutes, subject in enumerate(_SUBJECTS[job.kind], start=3)
        ],
        "gps": {
            "lat": _near(rng, premise.latitude),
            "lon": _near(rng, premise.longitude),
        },
        "tests": _tests(rng, done),
        "tasks": [{"code": code, "quantity": count} for code, count in done.tasks],
        "checklist": {"complete": rng.random() < 0.97, "signed": job.number % _UNSIGNED != 0},
        "notes": done.notes,
        "technician": done.technician,
        "crew": done.crew,
        "updated_at": utc_z(done.received),
    }


def _near(rng: Random, degrees: Decimal) -> float:
    return float(degrees + Decimal(rng.randint(-200, 200)).scaleb(-6))


def _tests(rng: Random, done: Completion) -> list[Row]:
    if done.offering is None:
        return []
    down = int(ACCESS[done.offering].profile.split("/")[0])
    measured = round(down * rng.uniform(0.92, 1.04), 1)
    return [
        {"name": "speed_down", "value": measured, "unit": "Mbit/s", "passed": measured >= down * 0.9},
        {"name": "latency", "value": round(rng.uniform(2, 18), 1), "unit": "ms", "passed": True},
    ]
