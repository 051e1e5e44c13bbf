"""Two trucks for one piece of work: two jobs of one kind open for an order, or two that drove there on one day.

A second visit of a job, and a second job after one that could not be done, are no duplicates.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from canonical_model.field_work import WorkOrderVisit
from handoffs.rollback import Signal
from hub.takeover.signals.acted import work_of
from hub.takeover.signals.look import Look, signal

_OPEN = frozenset({"new", "scheduled", "dispatched", "in_progress"})
_ENDED_IN_VAIN = frozenset({"return_needed", "no_access"})


def find(look: Look) -> Iterator[Signal]:
    """Orders of the hub for which a second truck drives."""
    ours = look.acted.orders("provisioning_to_dispatch") | look.acted.orders("dispatch_to_field")
    found = {}
    for order, jobs in look.jobs.items():
        if order not in ours:
            continue
        for kind in sorted({job.work_type for job in jobs}):
            names = sorted(job.work_order_id for job in jobs if job.work_type == kind)
            still = sorted(job.work_order_id for job in jobs if job.work_type == kind and job.state in _OPEN)
            if len(still) > 1:
                found[work_of(order)] = f"{kind} jobs {', '.join(still)} are open at once"
            elif (day := _same_day(look, names)) is not None:
                found[work_of(order)] = f"{kind} jobs {', '.join(names)} both drove on {day}"
    yield from signal(look, "duplicate_truck", "provisioning_to_dispatch", found)


def _same_day(look: Look, jobs: list[str]) -> date | None:
    """A day on which visits of two of the jobs drove, and the earlier had not ended in vain."""
    by_day: dict[date, dict[str, list[WorkOrderVisit]]] = defaultdict(lambda: defaultdict(list))
    for job in jobs:
        for visit in look.visits.get(job, ()):
            moved = visit.arrived_at or visit.dispatched_at
            if moved is not None and visit.outcome != "cancelled":
                by_day[look.day_of(moved)][job].append(visit)
    for day, of_jobs in by_day.items():
        whole = [job for job, visits in of_jobs.items() if any(each.outcome not in _ENDED_IN_VAIN for each in visits)]
        if len(whole) > 1:
            return day
    return None
