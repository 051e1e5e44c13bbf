"""Recurring jobs that are off and should not be, or for which nobody answers.

What people say is paused is the freeze list. What a billing system says is off is a record. A job that is off and on
no list is what nobody has thought of: it has no owner and no end.
"""

from canonical_model.take_over import JobPause
from hub.takeover.signals.look import Look
from storage.current_records import current_records
from storage.frozen_jobs import frozen_jobs


def jobs_off(look: Look) -> dict[str, str]:
    """By job, what is wrong about its pause: it should be over, or nobody has put it on the list."""
    listed = frozen_jobs(look.connection, look.market.id)
    found = {
        job.name: f"{job.name} is paused by {job.owner} and should run again since {job.resume_by:%Y-%m-%d %H:%M} UTC"
        for job in listed
        if job.is_overdue(look.now)
    }
    known, today = {_plain(job.name) for job in listed}, look.market.local_date(look.now)
    for pause in sorted(
        current_records(look.connection, JobPause, look.market.id), key=lambda each: each.paused_from
    ):
        is_off = pause.paused_from <= today and (pause.paused_to is None or today < pause.paused_to)
        if is_off and _plain(pause.job) not in known:
            end = "without an end" if pause.paused_to is None else f"until {pause.paused_to}"
            name = pause.job.replace("_", " ")
            found[name] = (
                f"{name} is off for {pause.wave} since {pause.paused_from}, {end}, and nobody answers for it"
            )
    return found


def _plain(name: str) -> str:
    """A job's name however it is written."""
    return name.casefold().replace("_", " ").replace("-", " ").strip()
