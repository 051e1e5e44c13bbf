"""How good what a system gives is: its checks with what fails them now, its pulls, and what they could not use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.mapping import StreamMapping
from hub.feed_quality import feed_failures
from hub.sync import mapping_of, streams_of
from hub.workplace import Hub
from rules.feed_quality import FeedFailure
from rules.quality_suite import Expectation
from storage.stream_history import HeldBack, PullRow, held_back, latest_pulls
from storage.streams import StreamState, stream_state

MOST_PULLS = 14


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a mapping.

    Attributes:
        entity: what it is about.
        held_back: records that are in quarantine for it now.
    """

    entity: str
    expectation: Expectation
    held_back: int


@dataclass(frozen=True, slots=True)
class StreamQuality:
    """One stream.

    Attributes:
        unusable: records in quarantine that could not be mapped at all.
        failures: rules about the stream as a whole that it does not live up to.
        pulls: the latest, the newest first.
    """

    mapping: StreamMapping
    state: StreamState
    checks: tuple[Check, ...]
    unusable: int
    failures: tuple[FeedFailure, ...]
    pulls: tuple[PullRow, ...]

    @property
    def is_well(self) -> bool:
        """Whether its last pull came to its end, nothing is held back, and no rule about it as a whole fails."""
        ended = bool(self.pulls) and self.pulls[0].outcome == "succeeded"
        return ended and not self.unusable and not self.failures and not any(one.held_back for one in self.checks)


@dataclass(frozen=True, slots=True)
class SystemQuality:
    """One system at one moment."""

    operator: str
    system: str
    at: datetime
    streams: tuple[StreamQuality, ...]


def quality_of(hub: Hub, system: str, now: datetime) -> SystemQuality:
    """How good what a system gives is.

    Raises:
        ConfigurationError: there is no such system, or no mapping reads it.
    """
    streams = streams_of(hub, system)
    with hub.database.reading() as connection:
        pulls, held = latest_pulls(connection, system, MOST_PULLS), held_back(connection, system)
        states = {stream: stream_state(connection, system, stream) for stream in streams}
    found = []
    for stream in streams:
        mapping = mapping_of(hub, system, stream)
        of_stream = [one for one in held if one.stream == stream]
        found.append(
            StreamQuality(
                mapping=mapping,
                state=states[stream],
                checks=_checks(mapping, of_stream),
                unusable=sum(one.count for one in of_stream if one.expectation is None),
                failures=tuple(feed_failures(hub, mapping, system, now)),
                pulls=tuple(one for one in pulls if one.stream == stream),
            )
        )
    return SystemQuality(hub.operator.file.operator, system, now, tuple(found))


def _checks(mapping: StreamMapping, held: Sequence[HeldBack]) -> tuple[Check, ...]:
    counts = {one.expectation: one.count for one in held}
    return tuple(
        Check(entity.__name__, expectation, counts.get(expectation.name, 0))
        for entity, suite in mapping.quality.items()
        for expectation in suite.expectations
    )
