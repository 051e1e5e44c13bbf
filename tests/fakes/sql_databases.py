"""Databases to read from, one of each kind that the sql connector knows, as their owners would fill them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr

from connectors.ports import SystemSettings
from tests.mariadb import PASSWORD, MariaServer, mariadb_server
from tests.peers import require_peer
from tests.postgresql import READER, PostgresServer, postgres_server

KINDS = ("sqlite", "postgresql", "mariadb")


@dataclass(frozen=True)
class SqlDatabase:
    """One database, and how the connector and its owner reach it.

    Attributes:
        kind: one of ``KINDS``.
        settings: for the connector; the login may write, so that only the session keeps it from it.
        port: of the server; 0 where it is a file.
        run: runs a statement as the owner, who commits at once, and gives its rows.
        kill: ends every connection of the connector.
    """

    kind: str
    settings: SystemSettings
    port: int
    run: Callable[..., list[tuple[Any, ...]]] = field(repr=False)
    kill: Callable[[], None] = field(repr=False)

    def by_way_of(self, port: int, **changes: Any) -> SystemSettings:
        """The settings with another port, as that of a relay."""
        return replace(self.settings, address=self.settings.address.replace(f":{self.port}", f":{port}"), **changes)

    def fill(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, all in one statement."""
        if rows:
            mark = "?" if self.kind == "sqlite" else "%s"
            one = f"({', '.join([mark] * len(rows[0]))})"
            values = [value for row in rows for value in row]
            self.run(f"INSERT INTO {table} VALUES {', '.join([one] * len(rows))}", values)


class SqlServers:
    """The servers behind the databases, each started when it is first asked for."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._numbers = count(1)

    @cached_property
    def postgres(self) -> PostgresServer:
        server = self._stack.enter_context(postgres_server(require_peer("postgresql")))
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {READER} SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
        return server

    @cached_property
    def maria(self) -> MariaServer:
        return self._stack.enter_context(mariadb_server(require_peer("mariadb")))

    @contextmanager
    def database(self, kind: str, name: str = "books") -> Iterator[SqlDatabase]:
        """An empty database of a kind for the length of the block; ``name`` is the system's."""
        opened = {"sqlite": self._sqlite, "postgresql": self._postgresql, "mariadb": self._mariadb}[kind]
        with opened(name) as database:
            yield database

    @contextmanager
    def _sqlite(self, name: str) -> Iterator[SqlDatabase]:
        path = self._folder / f"source-{next(self._numbers)}.db"
        owner = sqlite3.connect(path, isolation_level=None)
        settings = SystemSettings(name, "sql", f"sqlite:///{path}", timeout_s=30.0)

        def run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            return owner.execute(statement, values).fetchall()

        try:
            yield SqlDatabase("sqlite", settings, 0, run, lambda: None)
        finally:
            owner.close()

    @contextmanager
    def _postgresql(self, name: str) -> Iterator[SqlDatabase]:
        server = self.postgres
        database = server.create_database()
        owner = psycopg.connect(server.url(database), autocommit=True)
        address = f"postgresql://{READER}@127.0.0.1:{server.port}/{database}"
        settings = SystemSettings(name, "sql", address, {}, {"password": SecretStr(PASSWORD)}, timeout_s=30.0)

        def run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            cursor = owner.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

        def kill() -> None:
            run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'splice'")

        try:
            yield SqlDatabase("postgresql", settings, server.port, run, kill)
        finally:
            owner.close()
            server.drop_database(database)

    @contextmanager
    def _mariadb(self, name: str) -> Iterator[SqlDatabase]:
        server = self.maria
        database = server.create_database()
        owner = server.administrator(database)
        settings = SystemSettings(
            name, "sql", server.url(database), {}, {"password": SecretStr(PASSWORD)}, timeout_s=30.0
        )

        def run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            with owner.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall())

        def kill() -> None:
            for (thread,) in run("SELECT id FROM information_schema.processlist WHERE user = 'reader'"):
                run(f"KILL {thread}")

        try:
            yield SqlDatabase("mariadb", settings, server.port, run, kill)
        finally:
            owner.close()
            server.drop_database(database)


@contextmanager
def sql_servers(folder: Path) -> Iterator[SqlServers]:
    """Servers for the length of the block."""
    with ExitStack() as stack:
        yield SqlServers(stack, folder)
