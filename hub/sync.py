"""Pull what changed in a system into the canonical model, page by page, each in one transaction with its cursor."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from canonical_model.errors import ConfigurationError, RetryableError
from canonical_model.yaml_source import nearest
from connectors.discovery import open_source
from connectors.mapping import PageMapper, StreamMapping, pull_order
from connectors.ports import SystemSettings
from hub.feed_quality import feed_judgements
from hub.operator_folder.operator_file import SystemBlock
from hub.operator_folder.references import resolve
from hub.page_writer import page_writer
from hub.pull_bounds import PullBounds
from hub.pull_end import end_badly, end_well, hold_feed
from hub.pull_shares import PullShares
from hub.reference_gate import prepare_references
from hub.running_clock import running_clock
from hub.second_chances import retry_after_pull
from hub.snapshots import market_of
from hub.stream_pull import CLOCK_SKEW, OnPage, StreamOutcome, StreamPull
from hub.workplace import Hub
from rules.judgements import Judgement
from storage.pulls import start_pull
from storage.seen_keys import SeenKeys
from storage.streams import stream_state


def systems_of(hub: Hub, market_id: str) -> tuple[str, ...]:
    """The systems that say something about a market: its own and those of all markets.

    Raises:
        ConfigurationError: there is no such market.
    """
    market_of(hub.operator, market_id)
    blocks = hub.operator.file.systems.items()
    return tuple(name for name, block in blocks if block.market in (None, market_id) and is_read(hub, name))


def elements_of(hub: Hub, market_id: str) -> tuple[str, ...]:
    """The elements of the network that serve a market and can be asked.

    Raises:
        ConfigurationError: there is no such market.
    """
    systems = hub.operator.file.systems
    return tuple(name for name in systems_of(hub, market_id) if systems[name].role == "network")


def is_read(hub: Hub, system: str) -> bool:
    """Whether a system can be pulled from; some only take commands."""
    return hub.operator.mapped_systems[system].capabilities.reads


def streams_of(hub: Hub, system: str) -> tuple[str, ...]:
    """The streams that are pulled from a system.

    Raises:
        ConfigurationError: there is no such system, or no mapping reads it.
    """
    check_known(hub, system)
    mappings = hub.operator.mappings.get(system, ())
    if not mappings:
        raise ConfigurationError(f"no file in mappings/ reads system {system}")
    return tuple(mapping.stream for mapping in mappings if mapping.listens is None)


def streams_in_order(hub: Hub, systems: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The streams of some systems, system and stream, each behind those of them that its records refer to.

    Raises:
        ConfigurationError: there is no such system, or no mapping reads it.
    """
    mappings = {id(mapping): mapping for each in hub.operator.mappings.values() for mapping in each}
    streams = [(system, stream) for system in systems for stream in streams_of(hub, system)]
    return pull_order(list(mappings.values()), streams)


def check_known(hub: Hub, system: str) -> None:
    """Refuse a name that no system of the operator has.

    Raises:
        ConfigurationError: there is no such system; names the nearest.
    """
    systems = hub.operator.file.systems
    if system not in systems:
        raise ConfigurationError(f"there is no system {system!r}{nearest(system, systems)}")


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
    mapping = mapping_of(hub, system, stream)
    clock = running_clock(now)
    prepare_references(hub.database, mapping)
    with hub.database.writing() as connection:
        pull_id = start_pull(connection, system, stream, now)
        state = stream_state(connection, system, stream)
    outcome, shares = StreamOutcome(system, stream), PullShares.of(mapping, state)
    judged: list[Judgement] = []
    try:
        bounds = PullBounds(hub.operator.file.limits, f"{system}.{stream}", state.source_total)
        mapped_system = hub.operator.mapped_systems[system]
        mapper, able = PageMapper(mapping, mapped_system), mapped_system.capabilities
        read = replace(mapping.read, hub_clock=now + CLOCK_SKEW, is_settled=not shares.is_carried)
        with (
            closing(mapper),
            closing(open_source(settings_of(hub, system))) as source,
            closing(SeenKeys(hub.database)) as seen,
            page_writer() as writer,
        ):
            pull = StreamPull(
                hub.database,
                able,
                mapping,
                mapper,
                bounds,
                shares,
                pull_id,
                now,
                clock,
                outcome,
                writer,
                seen,
                on_page,
            )
            for page in source.pages(read, None if pull.reads_all and not able.revalidates else shares.resume):
                pull.store(page)
            pull.settle()
            outcome.warnings += [*bounds.warnings(), *pull.remarks()]
        outcome.warnings += shares.decide()
        outcome.recovered = retry_after_pull(hub, mapping, system, pull_id, now)
        judged += feed_judgements(hub, mapping, system, now)
        hold_feed(outcome, judged)
        end_well(hub, outcome, shares, pull_id, clock(), judged)
    except BaseException as error:
        # where the database is out of reach too, the next pull of the stream ends this one
        with suppress(RetryableError):
            end_badly(hub, outcome, shares, pull_id, clock(), judged, error)
        raise
    return outcome


def mapping_of(hub: Hub, system: str, stream: str) -> StreamMapping:
    """The mapping that a stream of a system is pulled by.

    Raises:
        ConfigurationError: there is no such system or stream; names the nearest.
    """
    streams = streams_of(hub, system)
    if stream not in streams:
        raise ConfigurationError(f"system {system} has no stream {stream!r}{nearest(stream, list(streams))}")
    return next(mapping for mapping in hub.operator.mappings[system] if mapping.stream == stream)


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
            name: value(option, f"{key}.{name}") if isinstance(option, str) else option
            for key, options in (("stream_options", block.stream_options), ("options", block.options))
            for name, option in options.items()
        },
        secrets={name: SecretStr(value(text, f"secrets.{name}")) for name, text in block.secrets.items()},
        timeout_s=block.timeout_s,
    )
