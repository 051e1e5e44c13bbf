"""Hold a stream as a whole against the rules of its mapping, at the end of a pull."""

from datetime import datetime

from connectors.mapping import StreamMapping
from hub.workplace import Hub
from rules.feed_quality import FeedFailure, freshness_failure, volume_failure
from storage.pulls import changes_by_day
from storage.streams import stream_state


def feed_failures(hub: Hub, mapping: StreamMapping, system: str, now: datetime) -> list[FeedFailure]:
    """What a stream does not live up to; empty where it does, or where it is too young to tell."""
    suite, found = mapping.feed, []
    if suite.volume is None and suite.freshness is None:
        return []
    with hub.database.reading() as connection:
        if suite.freshness is not None:
            newest = stream_state(connection, system, mapping.stream).last_event_at
            found.append(freshness_failure(suite.freshness, newest, now))
        if suite.volume is not None:
            today, before = changes_by_day(connection, system, mapping.stream, now, suite.volume.days)
            found.append(volume_failure(suite.volume, today, before))
    return [failure for failure in found if failure is not None]
