"""Hold a stream as a whole against the rules of its mapping, at the end of a pull or at any other moment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.mapping import StreamMapping
from hub.workplace import Hub
from rules.feed_quality import changes_by_day, judged_freshness, judged_volume
from rules.judgements import Judgement
from storage.pulls import changes_of_pulls
from storage.streams import stream_state

_HALF_A_DAY = timedelta(hours=12)
_DAYS_WITHOUT_A_PULL = 8
"""So far back the pull is looked for before which the earliest day's changes happened."""


def feed_judgements(hub: Hub, mapping: StreamMapping, system: str, now: datetime) -> list[Judgement]:
    """What each rule about a stream as a whole finds at the end of a pull; none where the mapping states none."""
    suite, found = mapping.feed, []
    if suite.volume is not None:
        by_day = days_of(hub, system, mapping.stream, now, suite.volume.days)
        holidays = holidays_before(hub, system, now, suite.volume.days)
        found.append(judged_volume(suite.volume, by_day, holidays, suite.version))
    return [*found, *freshness_now(hub, mapping, system, now)]


def freshness_now(hub: Hub, mapping: StreamMapping, system: str, now: datetime) -> list[Judgement]:
    """What the rule about the age of the newest change finds at any moment; none where there is no such rule."""
    if mapping.feed.freshness is None:
        return []
    with hub.database.reading() as connection:
        newest = stream_state(connection, system, mapping.stream).last_event_at
    return [judged_freshness(mapping.feed.freshness, newest, now, mapping.feed.version)]


def days_of(hub: Hub, system: str, stream: str, now: datetime, days: int) -> dict[int, int]:
    """How much a stream brought on each of its last days; as ``rules.feed_quality.changes_by_day``."""
    since = now - timedelta(days=days + _DAYS_WITHOUT_A_PULL)
    with hub.database.reading() as connection:
        pulls = changes_of_pulls(connection, system, stream, since, now)
    return changes_by_day(pulls, now, days)


def holidays_before(hub: Hub, system: str, now: datetime, days: int) -> set[int]:
    """Which of the last days were holidays, 0 being the one that ends now.

    A day of 24 hours is that of the calendar on which its middle lies; it is a holiday where it is one in any market
    that the system serves.
    """
    file = hub.operator.file
    served = file.systems[system].market
    blocks = [file.markets[served]] if served is not None else list(file.markets.values())
    return {
        day
        for day in range(days + 1)
        for block in blocks
        if (now - _HALF_A_DAY - timedelta(days=day)).astimezone(ZoneInfo(block.zone)).date() in block.holidays
    }
