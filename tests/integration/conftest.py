"""The hub's database, fresh for each test on both databases it may live in; one session of Spark; a clock."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database, open_database
from storage.migrate import upgrade
from tests.fakes.effects import HandClock, Stages
from tests.fakes.spark_sessions import small_session
from tests.peers import require_peer
from tests.postgresql import PostgresServer, postgres_server

DIALECTS = ("sqlite", "postgresql")

MakeDatabase = Callable[[str], str]
"""Makes a fresh, migrated database of a dialect and gives its address."""


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def stages() -> Stages:
    return Stages()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server(require_peer("postgresql")) as server:
        yield server


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What every judgement on Spark in this process computes with."""
    require_peer("spark")
    with small_session(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hub.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    name = postgres.create_database()
    _migrate(postgres.url(name))
    return name


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDatabase]:
    numbers = count(1)
    with ExitStack() as cleanup:

        def make(dialect: str) -> str:
            if dialect == "sqlite":
                path = tmp_path / f"hub-{next(numbers)}.db"
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
                return f"sqlite:///{path}"
            server: PostgresServer = request.getfixturevalue("postgres")
            name = server.create_database(request.getfixturevalue("postgres_template"))
            cleanup.callback(server.drop_database, name)
            return server.url(name)

        yield make


@pytest.fixture(params=DIALECTS)
def database_address(request: pytest.FixtureRequest, make_database: MakeDatabase) -> str:
    """Address of a fresh database of each dialect."""
    return make_database(request.param)


@pytest.fixture
def database(database_address: str) -> Iterator[Database]:
    """A fresh database of each dialect, open."""
    opened = open_database(database_address)
    yield opened
    opened.close()


def _migrate(address: str) -> None:
    opened = open_database(address)
    upgrade(opened)
    opened.close()
