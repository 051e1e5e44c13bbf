"""Backups of a hub's database as an operator takes and restores them, on each kind of database."""

import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests.postgresql import PostgresServer


@dataclass(frozen=True)
class SqliteBackups:
    """Of a file."""

    database: Path
    copy: Path

    @property
    def address(self) -> str:
        return f"sqlite:///{self.database}"

    def take(self) -> None:
        with closing(sqlite3.connect(self.database)) as live, closing(sqlite3.connect(self.copy)) as target:
            live.backup(target)

    def restore(self) -> None:
        for beside in ("-wal", "-shm"):
            self.database.with_name(self.database.name + beside).unlink(missing_ok=True)
        self.database.write_bytes(self.copy.read_bytes())


@dataclass(frozen=True)
class PostgresBackups:
    """Of a database on a server, by the server's own programs; restored into one that was made anew."""

    server: PostgresServer
    commands: Mapping[str, Path]
    address: str
    copy: Path

    def take(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self.copy}", self.address)

    def restore(self) -> None:
        name = make_url(self.address).database
        assert name is not None
        self.server.drop_database(name)
        self.server.create_database(name=name)
        self._run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={self.address}", str(self.copy))

    def _run(self, command: str, *arguments: str) -> None:
        subprocess.run([self.commands[command], *arguments], check=True, timeout=300)
