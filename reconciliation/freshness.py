"""Whether the feeds are fresh enough to judge by. A stale feed gives no findings and never a clean bill."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from reconciliation.snapshot.manifest import Feed


def stale_roles(
    needs: Mapping[str, timedelta], feeds: Iterable[Feed], as_of: datetime, months_ended: datetime | None = None
) -> dict[str, str]:
    """Roles by which a rule may not judge, each with the sentence that says why.

    A feed is too old, was pulled before the judged months had ended, or is newer than the moment that is judged. A
    role without any feed was never heard from.

    Args:
        needs: oldest state of each role that may be judged by.
        feeds: what was pulled.
        as_of: the moment that is judged.
        months_ended: when the last judged month ended; None leaves that unasked.
    """
    known = list(feeds)
    problems = {}
    for role, max_age in needs.items():
        of_role = [feed for feed in known if feed.role == role]
        if not of_role:
            problems[role] = f"no feed of {role} was ever pulled"
        for feed in of_role:
            if feed.last_success_at is None:
                problems[role] = f"{role} feed {feed.system}/{feed.stream} was never pulled completely"
            elif as_of - feed.last_success_at > max_age:
                problems[role] = (
                    f"{role} feed {feed.system}/{feed.stream} is of {feed.last_success_at:%Y-%m-%d %H:%M} UTC,"
                    f" older than the {_hours(max_age)} that may be judged by"
                )
            elif feed.last_success_at > as_of:
                problems[role] = f"{role} feed {feed.system}/{feed.stream} is newer than the moment that is judged"
            elif months_ended is not None and feed.last_success_at < months_ended:
                problems[role] = (
                    f"{role} feed {feed.system}/{feed.stream} is of {feed.last_success_at:%Y-%m-%d %H:%M} UTC,"
                    " before the judged months had ended"
                )
    return problems


def _hours(age: timedelta) -> str:
    return f"{age / timedelta(hours=1):g} hours"
