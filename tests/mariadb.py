"""A private MariaDB server on loopback, for as long as a test session lasts."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pymysql

from tests.ports import free_port

USER, PASSWORD = "reader", "mariadb-reader-password"
"""Who may log in by TCP with a password, as at a real server; ``root`` needs none."""

SETTINGS = (
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=48M",
    "--innodb-log-file-size=8M",
    "--performance-schema=OFF",
)
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class MariaServer:
    """A running server."""

    port: int
    pid: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def url(self, database: str) -> str:
        """Address of a database as user ``reader``, without the password."""
        return f"mysql://{USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """Make an empty database; gives its name."""
        name = f"test_{next(self._numbers)}"
        with self.administrator() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return name

    def drop_database(self, name: str) -> None:
        with self.administrator() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")

    def administrator(self, database: str | None = None) -> "pymysql.Connection[Any]":
        """A connection that commits each statement and may do everything."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True, connect_timeout=30
        )


@contextmanager
def mariadb_server(commands: dict[str, Path], *settings: str) -> Iterator[MariaServer]:
    """Make a data folder in a temporary place, start a server on it at a free port, and stop it at the end.

    Args:
        commands: where the programs are.
        settings: further arguments of the server.

    MariaDB refuses to run as root: root runs it as user mysql, to whom the folder belongs then. Nothing of an
    installed server's own settings or data is read.
    """
    owner = ["--user=mysql"] if os.geteuid() == 0 else []
    # not under pytest's own temporary folder, which only its owner may enter
    folder = Path(tempfile.mkdtemp(prefix="splice-mariadb-"))
    try:
        if owner:
            shutil.chown(folder, "mysql", "mysql")
        data = folder / "data"
        subprocess.run(
            [
                commands["mariadb-install-db"],
                "--no-defaults",
                *owner,
                f"--datadir={data}",
                f"--tmpdir={folder}",  # in a common one, two at a time now and then trip over each other
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            cwd=folder,
            env=os.environ | {"TMPDIR": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        command = [str(commands["mariadbd"]), "--no-defaults", *owner, f"--datadir={data}", f"--tmpdir={folder}"]
        with _started([*command, *settings], folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(command: list[str], folder: Path) -> Iterator[MariaServer]:
    port = free_port()
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"--port={port}", f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", *SETTINGS],
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        server = MariaServer(port, process.pid)
        _wait_until_ready(process, server, log)
        with server.administrator() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
            # every right, so that what refuses a write is the session and not the login
            cursor.execute(f"GRANT ALL ON *.* TO {USER}@'127.0.0.1'")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: MariaServer, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            server.administrator().close()
        except pymysql.MySQLError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"MariaDB did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
        else:
            return
