"""Jobs that somebody else made, or changed, for orders that the hub dispatches: a second truck on its way."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.field_work import WorkOrder
from hub.takeover.foreign.told import Told, told_about
from storage.current_records import records_among
from storage.effects import Effect
from storage.foreign_writes import ForeignWrite
from storage.work_paths import WorkPath

_OVER = ("completed", "cannot_complete", "cancelled")
_HUB_JOBS = ("create_work_order", "update_work_order", "close_work_order")


def foreign_jobs(connection: Connection, paths: Sequence[WorkPath], now: datetime) -> Iterator[ForeignWrite]:
    """Jobs of the hub's orders that the hub neither made nor took over.

    Args:
        connection: of a transaction.
        paths: of one market, that the hub has begun.
        now: this moment.
    """
    if not paths:
        return
    market, by_order = paths[0].market, {each.work.removeprefix("order/"): each for each in paths}
    told = told_about(connection, market, [each.work for each in paths])
    jobs: defaultdict[str, list[WorkOrder]] = defaultdict(list)
    for job in records_among(connection, WorkOrder, market, "order_number", list(by_order)):
        jobs[job.order_number].append(job)
    for number, path in by_order.items():
        if told.is_on_its_way(path.work):
            continue
        for job in jobs[number]:
            found = _judged(job, path, told, now)
            if found is not None:
                yield found


def _judged(job: WorkOrder, path: WorkPath, told: Told, now: datetime) -> ForeignWrite | None:
    ours = _told_of_job(job.work_order_id, told.about(path.work))
    if not ours:
        is_older = job.created_at is not None and job.created_at < path.began_at
        made = next((each for each in told.about(path.work) if each.command == "create_work_order"), None)
        if is_older or job.state in _OVER or made is None or made.fields.get("work_type") != job.work_type:
            return None
        evidence = {"work_type": job.work_type, "state": job.state, "hub_made": made.reference}
        return _found(path, "job_made", job.work_order_id, evidence, now)
    wanted = next((each for each in reversed(ours) if "expected_serial" in each.fields), None)
    serial = None if wanted is None else wanted.fields["expected_serial"]
    if serial is None or job.expected_serial in (None, serial) or job.state in _OVER:
        return None
    evidence = {"hub_told": serial, "shown": job.expected_serial}
    return _found(path, "job_changed", job.work_order_id, evidence, now)


def _told_of_job(work_order_id: str, effects: Sequence[Effect]) -> list[Effect]:
    return [
        each
        for each in effects
        if each.command in _HUB_JOBS and work_order_id in (each.reference, each.fields.get("work_order_id"))
    ]


def _found(path: WorkPath, kind: str, thing: str, evidence: Mapping[str, object], now: datetime) -> ForeignWrite:
    return ForeignWrite(path.market, path.handoff, path.work, kind, thing, evidence, now)
