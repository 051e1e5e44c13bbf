"""Looks at streams: what was last read or heard of a record, in the place of asking its system.

A session's accounting tells what became of an order; nobody has to be asked for it, and often nobody can be.
"""

from collections.abc import Callable
from datetime import datetime

from canonical_model.errors import ConfigurationError
from connectors.mapping import landed_id
from connectors.ports import Look, RawRecord
from hub.inbox import take_stream
from hub.workplace import Hub
from storage.streams import landed_record

HEARD_AT = "received_at"
"""Field of every record that was heard: when it came, by our clock."""


class StreamLooks:
    """Looks at the streams of an operator."""

    def __init__(self, hub: Hub, clock: Callable[[], datetime]) -> None:
        self._hub = hub
        self._clock = clock

    def observe(self, system: str, look: Look, since: datetime | None) -> RawRecord | None:
        """What was last read or heard of a record; what waits in the inbox is taken in first.

        Args:
            system: whose stream it is.
            look: what is looked for.
            since: when the write went out; None where none did. Where the look needs news, what is older is nothing.

        Raises:
            ConfigurationError: the stream is gone, or the look does not name a record of it any more.
            SpliceError: what waits cannot be taken in.
        """
        key = self._key(system, look.stream)
        if set(key) != set(look.key):
            raise ConfigurationError(
                f"{system}.{look.stream}: {', '.join(key)} identifies a record now, and the command file names "
                f"{', '.join(look.key)}; mend it, then retry the effect"
            )
        take_stream(self._hub, system, look.stream, self._clock())
        with self._hub.database.reading() as connection:
            found = landed_record(connection, system, look.stream, landed_id([look.key[name] for name in key]))
        if found is None:
            return None
        record, known_from = found
        is_old = look.needs_news and since is not None and _told_at(record, known_from) < since
        return None if is_old else record

    def _key(self, system: str, stream: str) -> tuple[str, ...]:
        for mapping in self._hub.operator.mappings.get(system, ()):
            if mapping.stream == stream:
                return tuple(mapping.read.key)
        raise ConfigurationError(f"{system}.{stream}: a command file looks at it, and no mapping reads it any more")


def _told_at(record: RawRecord, known_from: datetime) -> datetime:
    heard = record.get(HEARD_AT)
    try:
        return datetime.fromisoformat(heard) if isinstance(heard, str) else known_from
    except ValueError:
        return known_from
