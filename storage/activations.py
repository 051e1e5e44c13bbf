"""What the hub itself has shown to work, kept as a record beside those that are pulled."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from canonical_model.network import ServiceActivation
from storage.current_records import current_records
from storage.rows import hash_of
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN, UtcInstant

SYSTEM = "splice"
"""What the hub calls itself among the systems that say something."""

_TABLE = CANONICAL_TABLES[ServiceActivation]
_STREAM = "activation"
_MICROSECOND = timedelta(microseconds=1)
_CURRENT = (
    _TABLE.c.source_id == bindparam("saga_key"),
    _TABLE.c.source_system == SYSTEM,
    _TABLE.c.known_to == STILL_KNOWN,
)
# built once: a statement costs more to put together than to run
_SINCE = select(_TABLE.c.known_from).where(*_CURRENT)
_ENDED = update(_TABLE).where(*_CURRENT).values(known_to=bindparam("until", type_=UtcInstant()))
_NOTED = insert(_TABLE)


def is_noted(connection: Connection, activation: ServiceActivation) -> bool:
    """Whether exactly this is known already."""
    source = {"source_system": activation.source_system, "source_id": activation.source_id}
    return activation in current_records(connection, ServiceActivation, **source)


def note_activation(connection: Connection, activation: ServiceActivation, at: datetime) -> None:
    """Write down what was shown, in the place of what the same saga has shown before; once, if it is the same.

    Args:
        connection: of a writing transaction.
        activation: by ``SYSTEM``.
        at: since when that is known.
    """
    if is_noted(connection, activation):
        return
    at = max(at, end_activation(connection, activation.source_id, at))
    row = activation.to_row()
    kept = {"stream": _STREAM, "landed_id": activation.source_id, "content_hash": hash_of(repr(sorted(row.items())))}
    connection.execute(_NOTED, {**row, **kept, "known_from": at, "known_to": STILL_KNOWN})


def end_activation(connection: Connection, saga_key: str, at: datetime) -> datetime:
    """Let what a saga has shown count no longer, where it has shown anything; gives since when it does not."""
    since: datetime | None = connection.execute(_SINCE, {"saga_key": saga_key}).scalar_one_or_none()
    if since is None:
        return at
    until = max(at, since + _MICROSECOND)
    connection.execute(_ENDED, {"saga_key": saga_key, "until": until})
    return until
