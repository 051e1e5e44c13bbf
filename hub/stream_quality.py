"""How good what a system gives is: its checks with what they found in each pull, its pulls, and what is held back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from connectors.mapping import StreamMapping
from hub.feed_quality import days_of, freshness_now, holidays_before
from hub.inbox import PURPOSE
from hub.sync import check_known
from hub.workplace import Hub
from rules.feed_quality import VOLUME, Usual, usual_day
from rules.judgements import Judgement
from rules.quality_suite import Severity
from storage.quality_results import QualityResult, latest_results, results_of_pulls
from storage.stream_history import PullRow, held_back, latest_pulls
from storage.streams import StreamState, stream_state

MOST_PULLS = 30
DAYS_SHOWN = 28

Standing = Literal["stopped", "failed", "never_pulled", "held_back", "warned", "well"]
"""From what needs a person first to what needs none: a bound or a check stopped the last pull; it failed for a reason
that a person or time mends; there was none; records are held back, or a critical rule fails; a warning is told."""

STANDINGS: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a mapping, or one rule about the stream as a whole.

    Attributes:
        entity: what it is about; empty for the stream as a whole.
        market: whose records are judged for themselves; empty where those of all markets are together.
        held_back: records that are in quarantine for it now.
        now: what it finds at this moment, for a rule about the stream as a whole; None for others.
        results: what it found in the latest pulls, the newest first; in those of the inbox day by day.
        is_of_inbox: whether it is about records that came one by one, and not by a pull.
    """

    entity: str
    name: str
    severity: Severity
    market: str
    held_back: int
    now: Judgement | None
    results: tuple[QualityResult, ...]
    is_of_inbox: bool = False

    @property
    def latest(self) -> Judgement | None:
        """What it finds now, or found in the last pull in which it was asked."""
        return self.now or (self.results[0].judgement if self.results else None)


@dataclass(frozen=True, slots=True)
class Volume:
    """How much a stream brought on its last days.

    Attributes:
        at: where the last day ends: the last pull.
        by_day: records that came new, changed or deleted, by how many days before that.
        holidays: days on which less happens than is usual.
        usual: what today is held against; None where there is too little history.
    """

    at: datetime
    by_day: Mapping[int, int]
    holidays: frozenset[int]
    usual: Usual | None


@dataclass(frozen=True, slots=True)
class StreamQuality:
    """One stream.

    Attributes:
        checks: those about records.
        feed: those about the stream as a whole.
        unusable: records in quarantine that could not be mapped at all.
        pulls: the latest, the newest first.
    """

    mapping: StreamMapping
    state: StreamState
    checks: tuple[Check, ...]
    feed: tuple[Check, ...]
    unusable: int
    volume: Volume
    pulls: tuple[PullRow, ...]

    @property
    def last_pull(self) -> PullRow | None:
        """The last one that is not under way; one that another took over tells nothing."""
        return next((pull for pull in self.pulls if pull.outcome not in ("running", "superseded")), None)

    @property
    def held_back(self) -> int:
        """Records in quarantine, whatever for."""
        return self.unusable + sum({check.name: check.held_back for check in self.checks if check.held_back}.values())

    @property
    def is_heard(self) -> bool:
        """Whether nothing of it is ever pulled."""
        return self.mapping.listens is not None

    @property
    def standing(self) -> Standing:
        """What the stream needs."""
        last = self.last_pull
        if last is None and not self.is_heard:
            return "never_pulled"
        if last is not None and last.outcome != "succeeded":
            return "stopped" if last.outcome == "stopped" else "failed"
        judged = [(check, check.latest.verdict) for check in (*self.checks, *self.feed) if check.latest]
        # what an event had set aside is over once it is not in quarantine any more
        verdicts = {verdict for check, verdict in judged if not check.is_of_inbox or verdict == "told"}
        if self.held_back or verdicts & {"stopped", "set_aside"}:
            return "held_back"
        return "warned" if "told" in verdicts else "well"

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look."""
        return self.standing == "well"

    @property
    def why(self) -> str:
        """What stopped it, or what it needs a look for; empty where it is well."""
        last = self.last_pull
        if last is not None and last.outcome != "succeeded":
            return last.message
        failing = [
            one for one in (*self.feed, *self.checks) if one.latest and one.latest.failed and not one.held_back
        ]
        told = [
            f"{one.name}: {one.latest.observed}" for one in failing if one.latest and one.latest.verdict != "passed"
        ]
        held = [f"{one.name}: {one.held_back:,} held back" for one in self.checks if one.held_back]
        unusable = [f"{self.unusable:,} could not be mapped"] if self.unusable else []
        return "; ".join([*held, *unusable, *told])


@dataclass(frozen=True, slots=True)
class SystemQuality:
    """One system at one moment."""

    operator: str
    system: str
    at: datetime
    streams: tuple[StreamQuality, ...]

    @property
    def by_need(self) -> list[StreamQuality]:
        """The streams, those that need a person most at the head."""
        return sorted(self.streams, key=lambda stream: STANDINGS.index(stream.standing))


def quality_of(hub: Hub, system: str, now: datetime) -> SystemQuality:
    """How good what a system gives is.

    Raises:
        ConfigurationError: there is no such system, or no mapping reads it.
    """
    check_known(hub, system)
    with hub.database.reading() as connection:
        held = held_back(connection, system)
    found = []
    for mapping in hub.operator.mappings.get(system, ()):
        stream = mapping.stream
        with hub.database.reading() as connection:
            pulls = latest_pulls(connection, system, stream, MOST_PULLS)
            results = _by_check(results_of_pulls(connection, [pull.id for pull in pulls]))
            events = _by_check(latest_results(connection, system, f"{stream}/{PURPOSE}", MOST_PULLS))
            state = stream_state(connection, system, stream)
        counts = {one.expectation: one.count for one in held if one.stream == stream}
        found.append(
            StreamQuality(
                mapping=mapping,
                state=state,
                checks=(*_checks(mapping, counts, results), *_checks_of_inbox(mapping, counts, events)),
                feed=tuple(_feed(mapping, freshness_now(hub, mapping, system, now), results)),
                unusable=counts.get(None, 0),
                volume=_volume(hub, mapping, system, pulls[0].started_at if pulls else now),
                pulls=tuple(pulls),
            )
        )
    return SystemQuality(hub.operator.file.operator, system, now, tuple(found))


_ByCheck = Mapping[tuple[str, str], Mapping[str, Sequence[QualityResult]]]


def _by_check(results: Iterable[QualityResult]) -> _ByCheck:
    """Results by entity and name, then by market."""
    found: defaultdict[tuple[str, str], defaultdict[str, list[QualityResult]]]
    found = defaultdict(lambda: defaultdict(list))
    for result in results:
        entity, name, market = result.judgement.key
        found[entity, name][market].append(result)
    return found


def _checks(mapping: StreamMapping, held: Mapping[str | None, int], results: _ByCheck) -> Iterator[Check]:
    """One check for each expectation of a pull, or one for each market that was judged for itself."""
    if mapping.listens is not None:
        return
    for entity, suite in mapping.quality.items():
        for one in suite.expectations:
            by_market = results.get((entity.__name__, one.name), {})
            for market in sorted(by_market) or [""]:
                latest = tuple(by_market.get(market, ()))
                count = held.get(one.name, 0)
                yield Check(entity.__name__, one.name, one.severity, market, count, None, latest)


def _checks_of_inbox(mapping: StreamMapping, held: Mapping[str | None, int], results: _ByCheck) -> Iterator[Check]:
    """One check for each expectation that has judged records of the inbox, or holds some of them back."""
    for entity, suite in mapping.quality.items():
        for one in suite.expectations:
            count = held.get(one.name, 0) if mapping.listens is not None else 0
            by_market = results.get((entity.__name__, one.name)) or ({"": []} if count else {})
            for market, latest in sorted(by_market.items()):
                found = tuple(latest)
                yield Check(entity.__name__, one.name, one.severity, market, count, None, found, is_of_inbox=True)


def _feed(mapping: StreamMapping, fresh: Sequence[Judgement], results: _ByCheck) -> Iterator[Check]:
    """The volume as it was at the end of the last pull, the freshness as it is now."""
    if mapping.feed.volume is not None:
        latest = tuple(results.get(("", VOLUME), {}).get("", ()))
        yield Check("", VOLUME, mapping.feed.volume.severity, "", 0, None, latest)
    for one in fresh:
        yield Check("", one.name, one.severity, "", 0, one, tuple(results.get(("", one.name), {}).get("", ())))


def _volume(hub: Hub, mapping: StreamMapping, system: str, at: datetime) -> Volume:
    days = max(DAYS_SHOWN, mapping.feed.volume.days if mapping.feed.volume else 0)
    by_day, holidays = days_of(hub, system, mapping.stream, at, days), holidays_before(hub, system, at, days)
    return Volume(at, by_day, frozenset(holidays), usual_day(by_day, holidays))
