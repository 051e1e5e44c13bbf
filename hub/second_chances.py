"""Records in quarantine that waited for what they refer to, tried again once it is known."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime

from sqlalchemy import Connection

from connectors.mapping import PageMapper, StreamMapping, references_of
from hub.mapped_again import mapped_again, store_mapped_again
from hub.workplace import Hub
from rules.references import MissingKey, ReferenceKey, Target
from storage.known_keys import known_keys
from storage.quarantine import Waiting, quarantined_among, waiting

_AT_ONCE = 1_000
"""Records that are looked at, mapped and stored together, each such page in a transaction of its own."""


def retry_after_pull(hub: Hub, mapping: StreamMapping, system: str, pull_id: int, now: datetime) -> int:
    """Try what waits in a stream at the end of its pull, and in streams that are never pulled and refer to it.

    Returns, raises:
        As ``retry_ripe``, for the stream itself.
    """
    accepted = retry_ripe(hub, mapping, system, pull_id, now)
    given = {plan.entity.__name__ for plan in mapping.records}
    for other, mappings in hub.operator.mappings.items():
        for heard in mappings:
            if heard.listens is not None and any(target.entity in given for _, _, target in references_of(heard)):
                retry_ripe(hub, heard, other, None, now)
    return accepted


def retry_ripe(hub: Hub, mapping: StreamMapping, system: str, pull_id: int | None, now: datetime) -> int:
    """Try what waits for keys that are known by now, page by page; the stream's cursor is left alone.

    A record whose check is not in the mapping any more is tried too. One that is still refused keeps lying in
    quarantine, with the reason of now.

    Args:
        hub: the operator's hub.
        mapping: of the stream, as it is now.
        system: name of the system.
        pull_id: the pull that must own the stream; None for whichever does.
        now: from when on what is accepted is known.

    Returns:
        How many were accepted.

    Raises:
        UnsafeToContinue: another pull of the stream has started; what was stored before stays.
    """
    accepted = 0
    with closing(_Mapper(hub, mapping, system)) as mapper:
        while some := sum(
            _tried(hub, mapping, mapper, ripe, pull_id, now) for ripe in _ripe_pages(hub, mapping, system)
        ):
            accepted += some  # what they gave may be what others wait for
    return accepted


class _Mapper:
    """Opens a session for the mapping once there is something to map."""

    def __init__(self, hub: Hub, mapping: StreamMapping, system: str) -> None:
        self.system = system
        self._made: PageMapper | None = None
        self._mapping, self._system = mapping, hub.operator.mapped_systems[system]

    @property
    def page_mapper(self) -> PageMapper:
        if self._made is None:
            self._made = PageMapper(self._mapping, self._system)
        return self._made

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


def _tried(
    hub: Hub, mapping: StreamMapping, mapper: _Mapper, ripe: list[str], pull_id: int | None, now: datetime
) -> int:
    with hub.database.reading() as connection:
        records = quarantined_among(connection, mapper.system, mapping.stream, ripe)
    mapped = mapped_again(hub, mapping, mapper.page_mapper, records, now)
    with hub.database.writing() as connection:
        retried = store_mapped_again(connection, (mapper.system, mapping.stream), pull_id, mapped, now)
    return len(retried.accepted)


def _ripe_pages(hub: Hub, mapping: StreamMapping, system: str) -> Iterator[list[str]]:
    """Landed ids of what may be tried, as it is in quarantine now."""
    stated = {expectation.name for _, expectation, _ in references_of(mapping)}
    after = ""
    while True:
        with hub.database.reading() as connection:
            page = waiting(connection, system, mapping.stream, after, _AT_ONCE)
            lacking = _unknown(connection, page)
        if not page:
            return
        ripe = [one.landed_id for one in page if one.expectation not in stated or not lacking & {*one.waits_for}]
        if ripe:
            yield ripe
        after = page[-1].landed_id


def _unknown(connection: Connection, page: Sequence[Waiting]) -> set[MissingKey]:
    """What is still waited for by some records, and not known."""
    by_target: defaultdict[Target, set[ReferenceKey]] = defaultdict(set)
    for one in page:
        for missing in one.waits_for:
            by_target[missing.target].add(missing.key)
    return {
        MissingKey(target, key)
        for target, keys in by_target.items()
        for key in keys - known_keys(connection, target, keys)
    }
