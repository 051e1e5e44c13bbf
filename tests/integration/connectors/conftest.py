"""A database to read from, of each kind that the sql connector knows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from connectors.discovery import open_source
from connectors.ports import Source, SystemSettings
from tests.fakes.sql_databases import KINDS, SqlDatabase, SqlServers, sql_servers


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlServers]:
    with sql_servers(tmp_path_factory.mktemp("sources")) as started:
        yield started


@pytest.fixture(params=KINDS)
def source_database(request: pytest.FixtureRequest, servers: SqlServers) -> Iterator[SqlDatabase]:
    with servers.database(request.param) as database:
        yield database


@pytest.fixture
def sqlite(servers: SqlServers) -> Iterator[SqlDatabase]:
    with servers.database("sqlite") as database:
        yield database


@pytest.fixture
def postgresql(servers: SqlServers) -> Iterator[SqlDatabase]:
    with servers.database("postgresql") as database:
        yield database


@pytest.fixture
def mariadb(servers: SqlServers) -> Iterator[SqlDatabase]:
    with servers.database("mariadb") as database:
        yield database


@pytest.fixture
def open_() -> Iterator[Callable[[SystemSettings], Source]]:
    """Opens sources that are closed with the test."""
    with ExitStack() as stack:

        def opened(settings: SystemSettings) -> Source:
            source = open_source(settings)
            stack.callback(source.close)
            return source

        yield opened
