"""Pull what changed in a system into the canonical model, page by page, each in one transaction with its cursor."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, SpliceError, UnsafeToContinue
from canonical_model.yaml_source import nearest
from connectors.discovery import open_source
from connectors.mapping import MappedBatch, PageMapper, StreamMapping, landed_id
from connectors.ports import Page, SystemSettings
from hub.operator_folder.operator_file import SystemBlock
from hub.operator_folder.references import resolve
from hub.pull_bounds import PullBounds
from hub.snapshots import market_of
from hub.workplace import Hub
from storage.pages import MappedPage, MappedRecord, PageCounts, Rejection, store_page
from storage.pulls import finish_pull, start_pull
from storage.streams import landed_ids, stream_state

log = logging.getLogger(__name__)

MOST_REJECTIONS_KEPT = 500


@dataclass(slots=True)
class StreamOutcome:
    """What a pull of one stream came to.

    Attributes:
        set_aside: record and reason of rejections, the first ones; all of them lie in quarantine.
        warnings: what a person should know although the pull went on.
    """

    system: str
    stream: str
    counts: PageCounts = field(default_factory=PageCounts)
    pages: int = 0
    source_total: int | None = None
    set_aside: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


OnPage = Callable[[StreamOutcome], None]


def systems_of(hub: Hub, market_id: str) -> tuple[str, ...]:
    """The systems that say something about a market: its own and those of all markets.

    Raises:
        ConfigurationError: there is no such market.
    """
    market_of(hub.operator, market_id)
    blocks = hub.operator.file.systems.items()
    return tuple(name for name, block in blocks if block.market in (None, market_id))


def streams_of(hub: Hub, system: str) -> tuple[str, ...]:
    """The streams that are pulled from a system.

    Raises:
        ConfigurationError: there is no such system, or no mapping reads it.
    """
    systems = hub.operator.file.systems
    if system not in systems:
        raise ConfigurationError(f"there is no system {system!r}{nearest(system, systems)}")
    mappings = hub.operator.mappings.get(system, ())
    if not mappings:
        raise ConfigurationError(f"no file in mappings/ reads system {system}")
    return tuple(mapping.stream for mapping in mappings)


def sync_system(hub: Hub, system: str, now: datetime, on_page: OnPage | None = None) -> list[StreamOutcome]:
    """Pull every stream of a system, one after the other.

    Raises:
        ConfigurationError, RetryableError, UnsafeToContinue: as ``sync_stream``; streams before it are kept.
    """
    return [sync_stream(hub, system, stream, now, on_page) for stream in streams_of(hub, system)]


def sync_stream(hub: Hub, system: str, stream: str, now: datetime, on_page: OnPage | None = None) -> StreamOutcome:
    """Pull one stream from where it stopped last time.

    Args:
        hub: the operator's hub.
        system: name in operator.yaml.
        stream: name of the mapping.
        now: when this happens; from when on what it brings is known.
        on_page: told the outcome so far after each page.

    Raises:
        ConfigurationError: address, login, object, field or mapping are wrong.
        RetryableError: the system or the database is out of reach; what was stored stays.
        UnsafeToContinue: a bound was crossed or another pull of the stream has started.
    """
    mapping = _mapping(hub, system, stream)
    with hub.database.writing() as connection:
        pull_id = start_pull(connection, system, stream, now)
        state = stream_state(connection, system, stream)
    outcome = StreamOutcome(system, stream)
    try:
        bounds = PullBounds(hub.operator.file.limits, f"{system}.{stream}", state.source_total)
        mapper = PageMapper(mapping, hub.operator.mapped_systems[system])
        with closing(mapper), closing(open_source(settings_of(hub, system))) as source:
            pull = _Pull(hub, mapping, mapper, bounds, pull_id, now, outcome)
            # without a cursor a pull reads everything, so that what it does not see is gone
            goes_on = mapping.read.cursor_field or hub.operator.mapped_systems[system].capabilities.takes_once
            resume = state.resume if goes_on else None
            for page in source.pages(mapping.read, resume):
                pull.store(page)
                if on_page is not None:
                    on_page(outcome)
            outcome.warnings += bounds.warnings()
        with hub.database.writing() as connection:
            totals = {"source_total": outcome.source_total, "read": outcome.counts.read}
            finish_pull(connection, pull_id, now, "succeeded", control_totals=totals)
    except SpliceError as error:
        with hub.database.writing() as connection:
            stopped = isinstance(error, UnsafeToContinue)
            finish_pull(connection, pull_id, now, "stopped" if stopped else "failed", str(error))
        raise
    return outcome


def settings_of(hub: Hub, system: str) -> SystemSettings:
    """A system's block with its references resolved.

    Raises:
        ConfigurationError: a variable is not set, or a file cannot be read.
    """
    block: SystemBlock = hub.operator.file.systems[system]

    def value(text: str, key: str) -> str:
        return resolve(text, hub.environment, f"operator.yaml: systems.{system}.{key}")

    return SystemSettings(
        name=system,
        kind=block.kind,
        address=value(block.address, "address"),
        options={
            name: value(option, f"options.{name}") if isinstance(option, str) else option
            for name, option in block.options.items()
        },
        secrets={name: SecretStr(value(text, f"secrets.{name}")) for name, text in block.secrets.items()},
        timeout_s=block.timeout_s,
    )


@dataclass(slots=True)
class _Pull:
    """A pull while it runs: maps, judges and stores page after page."""

    hub: Hub
    mapping: StreamMapping
    mapper: PageMapper
    bounds: PullBounds
    pull_id: int
    now: datetime
    outcome: StreamOutcome
    seen: set[str] = field(default_factory=set)

    def store(self, page: Page) -> None:
        """Map a page, hold it against the bounds, and store it with its resume point in one transaction."""
        self.bounds.hold_total(page.source_total)
        batch = self.mapper.map_page(page.records, self.now)
        reasons = [raw.rejection.reason for raw in batch.rejected if raw.rejection]
        self.bounds.hold_rejected(len(batch.raws), len(reasons), reasons[0] if reasons else "")
        mapped = self._mapped_page(page, batch)
        with self.hub.database.writing() as connection:
            counts = store_page(connection, mapped)
        self._note(page, batch, counts)

    def _mapped_page(self, page: Page, batch: MappedBatch) -> MappedPage:
        return MappedPage(
            system=self.outcome.system,
            stream=self.outcome.stream,
            pull_id=self.pull_id,
            known_at=self.now,
            records=[
                MappedRecord(
                    landed_id=raw.landed_id,
                    payload=raw.payload,
                    records=raw.records,
                    rejection=Rejection(raw.rejection.reason, raw.rejection.expectation) if raw.rejection else None,
                    change_order=raw.change_order,
                )
                for raw in batch.raws
            ],
            deleted=[*(landed_id(key) for key in page.deleted), *self._vanished(page, batch)],
            resume=page.resume,
            source_total=page.source_total,
            newest_event=batch.newest_event,
        )

    def _vanished(self, page: Page, batch: MappedBatch) -> list[str]:
        """A source without a cursor gives everything each time: what it does not give any more is gone."""
        shows_all = self.mapping.read.cursor_field is None if page.shows_all is None else page.shows_all
        if not shows_all:
            return []
        self.seen.update(raw.landed_id for raw in batch.raws)
        if not page.last:
            return []
        with self.hub.database.reading() as connection:
            held = landed_ids(connection, self.outcome.system, self.outcome.stream)
        self.bounds.hold_vanished(len(held - self.seen), len(held))
        return sorted(held - self.seen)

    def _note(self, page: Page, batch: MappedBatch, counts: PageCounts) -> None:
        outcome = self.outcome
        outcome.pages += 1
        outcome.counts = outcome.counts.plus(counts)
        if page.source_total is not None:
            outcome.source_total = page.source_total
        room = MOST_REJECTIONS_KEPT - len(outcome.set_aside)
        outcome.set_aside += [(raw.landed_id, raw.rejection.reason) for raw in batch.rejected if raw.rejection][:room]
        outcome.warnings += [told for told in (*page.warnings, *_remarks(batch)) if told not in outcome.warnings]


def _remarks(batch: MappedBatch) -> Iterator[str]:
    if batch.drift.undeclared:
        yield f"the source has fields that the mapping does not name: {', '.join(batch.drift.undeclared)}"
    if batch.drift.absent:
        yield f"fields that no record of a page has: {', '.join(batch.drift.absent)}"
    for failed in batch.warnings:
        yield f"expectation {failed.name}: {failed.observed}"


def _mapping(hub: Hub, system: str, stream: str) -> StreamMapping:
    streams = streams_of(hub, system)
    if stream not in streams:
        raise ConfigurationError(f"system {system} has no stream {stream!r}{nearest(stream, list(streams))}")
    return hub.operator.mappings[system][streams.index(stream)]
