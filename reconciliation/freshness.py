"""Whether the feeds are fresh and whole enough to judge by. One that is not gives no findings and never a clean bill.

A feed may not be judged by where it is too old, was pulled before the judged months had ended, was not pulled to its
end the last time, holds much less than before, or is newer than the moment that is judged.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from reconciliation.snapshot.manifest import Feed

ALL_OF_IT = Decimal(100)
_ENDINGS = {
    "running": "has not come to its end",
    "superseded": "did not come to its end",
    "failed": "failed half-way",
    "stopped": "was stopped at a bound",
}


def unfit_roles(
    needs: Mapping[str, timedelta],
    feeds: Iterable[Feed],
    as_of: datetime,
    months_ended: datetime | None = None,
    shrink_percent: Decimal = ALL_OF_IT,
) -> dict[str, str]:
    """Roles by which a rule may not judge, each with the sentence that says why.

    A role without any feed was never heard from. One unfit feed makes its whole role unfit.

    Args:
        needs: oldest state of each role that may be judged by.
        feeds: what was pulled.
        as_of: the moment that is judged.
        months_ended: when the last judged month ended; None leaves that unasked.
        shrink_percent: how much of its records a feed may have lost since the complete pull before its last one.
    """
    known = list(feeds)
    problems = {}
    for role, max_age in needs.items():
        of_role = [feed for feed in known if feed.role == role]
        if not of_role:
            problems[role] = f"no feed of {role} was ever pulled"
        for feed in of_role:
            problem = _age(feed, max_age, as_of, months_ended) or _gap(feed, shrink_percent)
            if problem:
                problems[role] = f"{role} feed {feed.system}/{feed.stream} {problem}"
    return problems


def _age(feed: Feed, max_age: timedelta, as_of: datetime, months_ended: datetime | None) -> str:
    if feed.last_success_at is None:
        return "was never pulled completely"
    if as_of - feed.last_success_at > max_age:
        hours = f"{max_age / timedelta(hours=1):g} hours"
        return f"is of {_minute(feed.last_success_at)}, older than the {hours} that may be judged by"
    if feed.last_success_at > as_of:
        return "is newer than the moment that is judged"
    if months_ended is not None and feed.last_success_at < months_ended:
        return f"is of {_minute(feed.last_success_at)}, before the judged months had ended"
    return ""


def _gap(feed: Feed, shrink_percent: Decimal) -> str:
    if feed.last_pull_at is not None and feed.last_pull_outcome in _ENDINGS:
        return f"is in doubt: its pull of {_minute(feed.last_pull_at)} {_ENDINGS[feed.last_pull_outcome]}"
    before = feed.records_before
    if before and feed.records < before * (1 - shrink_percent / 100):
        return (
            f"holds {feed.records} records, {before} one complete pull earlier: more than the {shrink_percent} %"
            " that may be missing are gone"
        )
    return ""


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
