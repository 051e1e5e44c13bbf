"""Connect a system: look around in it, draft a mapping, and try a mapping; nothing is stored."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from connectors.discovery import open_probe, open_source
from connectors.drafting import Guess, guessed, mapping_text
from connectors.drafting.mapping_text import stream_name
from connectors.mapping import MappedBatch, PageMapper
from connectors.ports import RawRecord
from connectors.probing import FoundObject
from hub.reference_gate import passed_references
from hub.stream_pull import CLOCK_SKEW
from hub.sync import check_known, mapping_of, settings_of
from hub.workplace import Hub

MOST_RECORDS = 1000
"""Records that a look around or a try reads at most."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal for one object.

    Attributes:
        guess: what was found and what it may mean.
        stream: proposed name.
        text: the mapping as YAML.
    """

    guess: Guess
    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a mapping makes of the first records of its stream.

    Attributes:
        batch: every record read, mapped or rejected.
        warnings: of the source.
    """

    batch: MappedBatch
    warnings: tuple[str, ...]


def objects_of(hub: Hub, system: str) -> Sequence[FoundObject]:
    """What can be read from a system, as it tells itself.

    Raises:
        ConfigurationError: there is no such system, or it tells nothing of itself; else as ``Probe.objects``.
        RetryableError, UnsafeToContinue: as ``Probe.objects``.
    """
    check_known(hub, system)
    with closing(open_probe(settings_of(hub, system))) as probe:
        return probe.objects()


def draft_of(hub: Hub, system: str, name: str, limit: int) -> Draft:
    """Look at an object and a few of its records, and draft a mapping.

    Raises:
        ConfigurationError, RetryableError, UnsafeToContinue: as ``objects_of`` and ``Probe.describe``.
    """
    check_known(hub, system)
    with closing(open_probe(settings_of(hub, system))) as probe:
        guess = guessed(probe.describe(name, min(limit, MOST_RECORDS)))
    has_market = hub.operator.file.systems[system].market is not None
    markets = None if has_market else {market.id: market.name for market in hub.operator.markets.values()}
    stream = stream_name(guess.found.object)
    return Draft(guess, stream, mapping_text(guess, system, stream, markets))


def try_stream(hub: Hub, system: str, stream: str, now: datetime, limit: int) -> Trial:
    """Read the first records of a stream and map them, from its beginning and without a cursor's bound.

    Raises:
        ConfigurationError, RetryableError, UnsafeToContinue: as ``hub.sync.sync_stream``.
    """
    mapping, most = mapping_of(hub, system, stream), min(limit, MOST_RECORDS)
    read = replace(mapping.read, page_size=min(most, mapping.read.page_size), hub_clock=now + CLOCK_SKEW)
    mapper = PageMapper(mapping, hub.operator.mapped_systems[system])
    with closing(mapper), closing(open_source(settings_of(hub, system))) as source:
        records: list[RawRecord] = []
        warnings: list[str] = []
        for page in source.pages(read, None):
            records += page.records
            warnings += page.warnings
            if len(records) >= most:
                break
        batch = mapper.map_picked(list(islice(records, most)), now)
    batch = passed_references(hub.database, mapping, batch, is_whole_page=False)
    return Trial(batch, tuple(dict.fromkeys(warnings)))
