"""Whether the feeds are fresh enough to judge by. A stale feed gives no findings and never a clean bill."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from reconciliation.snapshot.manifest import Feed


def stale_roles(needs: Mapping[str, timedelta], feeds: Iterable[Feed], as_of: datetime) -> dict[str, str]:
    """Roles whose oldest feed is older than a rule allows, each with the sentence that says so.

    A role without any feed is stale too: nothing was ever heard from it.
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
    return problems


def _hours(age: timedelta) -> str:
    return f"{age / timedelta(hours=1):g} hours"
