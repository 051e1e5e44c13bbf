"""A private PostgreSQL server on loopback, for as long as a test session lasts."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.ports import free_port

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 60
"""
READER = "reader"
"""The one user who is asked for a password, where a test makes that user."""

MEMORY = Path("/dev/shm")
ROOM_NEEDED = 2 * 2**30
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; anybody but ``READER`` may log in without a password, as it lives for a session."""

    port: int
    pid: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0", name: str | None = None) -> str:
        """Make a database out of a template that nobody is connected to; gives its name, a new one unless told."""
        name = name or f"test_{next(self._numbers)}"
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database and end the connections to it."""
        with self._administrator() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administrator(self) -> psycopg.Connection:
        return psycopg.connect(self.url("postgres"), autocommit=True)


@contextmanager
def postgres_server(commands: dict[str, Path]) -> Iterator[PostgresServer]:
    """Make a cluster in a temporary folder, start it on a free port, and stop it at the end.

    PostgreSQL refuses to run as root: root runs it as user postgres, to whom the folder belongs then.
    """
    owner = _owner()
    # not under pytest's own temporary folder, which only its owner may enter
    folder = Path(tempfile.mkdtemp(prefix="splice-postgresql-", dir=_roomy_memory()))
    try:
        if owner:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        subprocess.run(["cp", "-a", _made_cluster(commands["initdb"]), data], check=True)
        with _started(commands["postgres"], data, owner) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> dict[str, Any]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


@cache
def _made_cluster(initdb: Path) -> Path:
    """A cluster with our settings, made once, of which every server gets a copy; gone when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="splice-postgresql-", dir=_roomy_memory()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    owner, data = _owner(), folder / "data"
    if owner:
        shutil.chown(folder, "postgres", "postgres")
    how = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    subprocess.run([initdb, "-D", data, *how], check=True, cwd=folder, stdout=subprocess.DEVNULL, **owner)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    rules = data / "pg_hba.conf"
    rules.write_text(f"host all {READER} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    return data


def _roomy_memory() -> Path | None:
    """The folder that lies in memory, where making a database takes a tenth of the time; None without room."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_NEEDED
    return MEMORY if usable else None


@contextmanager
def _started(postgres: Path, data: Path, owner: dict[str, Any]) -> Iterator[PostgresServer]:
    port = free_port()
    log = data.parent / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [postgres, "-D", data, "-p", str(port)], cwd=data, stdout=output, stderr=output, **owner
        )
    try:
        server = PostgresServer(port, process.pid)
        _wait_until_ready(process, server, log)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # the fast shutdown: open transactions are ended
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_TIMEOUT_S)


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: PostgresServer, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=10).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
        else:
            return
