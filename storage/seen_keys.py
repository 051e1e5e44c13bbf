"""Which keys a source has shown, and which of the hub's it has not: counted in a database, never in memory.

A pull of everything, or a sweep over all keys, may see tens of millions. They lie in temporary tables of a connection
of their own, on the disk; nothing of them outlasts the connection, so that a sweep that breaks begins anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    exists,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from storage.database import Database
from storage.faults import driver_faults
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import LANDING, QUARANTINE
from storage.staging import load

BATCH = 5_000
"""Keys that are handed out together."""

_TEMPORARY = MetaData()
_SEEN = Table("seen_key", _TEMPORARY, Column("landed_id", Text, nullable=False), prefixes=["TEMPORARY"])
_UNSEEN = Table(
    "unseen_key",
    _TEMPORARY,
    Column("landed_id", Text, primary_key=True),
    Column("is_landed", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
_SQLITE_SETTINGS = ("temp_store=FILE", "temp.journal_mode=OFF", "temp.cache_size=-8192", "main.cache_size=-8192")
"""Sizes are kilobytes."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What the hub holds of a stream and the source has not shown.

    Attributes:
        landed: raw records that are landed.
        held: raw records that the stream holds.
        first: the first landed ids of them.
    """

    landed: int
    held: int
    first: tuple[str, ...]


class SeenKeys:
    """The keys that one pull has seen; nothing is opened before the first one.

    Not to be used by two threads at a time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no key has come yet."""
        return self._connection is None

    def add(self, landed_ids: Iterable[str]) -> None:
        """Keep keys; one may come more than once.

        Raises:
            RetryableError: there is no room for them.
        """
        with driver_faults(self._database.name), self._opened().begin():
            load(self._opened(), _SEEN, ((landed_id,) for landed_id in landed_ids))

    def find_unseen(self, system: str, stream: str, most_named: int) -> Unseen:
        """Compare with what a stream holds now, in landing and in quarantine; every key has been added.

        Raises:
            RetryableError: the database is out of reach.
        """
        connection = self._opened()
        with driver_faults(self._database.name), connection.begin():
            connection.execute(CreateIndex(Index("ix_seen_key", _SEEN.c.landed_id), if_not_exists=True))
            connection.execute(text(f"ANALYZE {_SEEN.name}"))
            connection.execute(_UNSEEN.delete())
            is_seen = _SEEN.c.landed_id
            held = (LANDING.c.system == system, LANDING.c.stream == stream, LANDING.c.known_to == STILL_KNOWN)
            landed = select(LANDING.c.landed_id, literal(True)).where(
                *held, ~exists().where(is_seen == LANDING.c.landed_id)
            )
            connection.execute(insert(_UNSEEN).from_select(["landed_id", "is_landed"], landed))
            aside = select(QUARANTINE.c.landed_id, literal(False)).where(
                QUARANTINE.c.system == system,
                QUARANTINE.c.stream == stream,
                QUARANTINE.c.released_at.is_(None),
                ~exists().where(is_seen == QUARANTINE.c.landed_id),
                ~exists().where(_UNSEEN.c.landed_id == QUARANTINE.c.landed_id),
            )
            connection.execute(insert(_UNSEEN).from_select(["landed_id", "is_landed"], aside))
            of_landing = select(_UNSEEN.c.landed_id).where(_UNSEEN.c.is_landed).order_by(_UNSEEN.c.landed_id)
            return Unseen(
                connection.execute(select(func.count()).select_from(_UNSEEN).where(_UNSEEN.c.is_landed)).scalar_one(),
                connection.execute(select(func.count()).select_from(LANDING).where(*held)).scalar_one(),
                tuple(connection.execute(of_landing.limit(most_named)).scalars()),
            )

    def unseen(self) -> Iterator[list[str]]:
        """What ``find_unseen`` found, quarantined ones among them, so many at a time."""
        query = select(_UNSEEN.c.landed_id).order_by(_UNSEEN.c.landed_id).limit(BATCH)
        batch: list[str] = []
        while True:
            with driver_faults(self._database.name), self._opened().begin():
                behind = query.where(_UNSEEN.c.landed_id > batch[-1]) if batch else query
                batch = list(self._opened().execute(behind).scalars())
            if not batch:
                return
            yield batch

    def close(self) -> None:
        """Forget the keys; calling it twice is harmless."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection = None

    def _opened(self) -> Connection:
        if self._connection is None:
            with driver_faults(self._database.name):
                self._connection = _connection_of_its_own(self._database)
        return self._connection


def _connection_of_its_own(database: Database) -> Connection:
    """A connection with the tables; it is to be invalidated at its end, so that nobody gets it after us."""
    connection = database.engine.connect()
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()  # of the driver, since it must not be within a transaction
        for setting in _SQLITE_SETTINGS:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()
    with connection.begin():
        connection.execute(CreateTable(_SEEN))
        connection.execute(CreateTable(_UNSEEN))
    return connection
