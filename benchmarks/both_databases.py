"""The databases that a measurement of the hub is made on: a SQLite file, and a PostgreSQL server of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.peers import listed_peers
from tests.postgresql import postgres_server


@contextmanager
def both_databases() -> Iterator[Mapping[str, str | None]]:
    """Address by kind; None for the SQLite file of a workspace. Where PostgreSQL is not installed that is printed."""
    found, missing = listed_peers()["postgresql"].find()
    if missing:
        print(f"PostgreSQL is not installed: no {', '.join(missing)}")
        yield {"sqlite": None}
        return
    with postgres_server(found) as server:
        yield {"sqlite": None, "postgresql": server.url(server.create_database())}
