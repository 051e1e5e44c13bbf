"""The suite over every harness, and servers that end with the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from all_harnesses import HARNESSES
from source_harnesses import Harness

from connectors.discovery import open_source
from connectors.ports import Source, SystemSettings
from simulated_estate.servers.serve import serve_estate
from tests.fakes.sql_databases import SqlServers, sql_servers

FAULTS = {"passing_fault": "passing", "lasting_fault": "lasting"}
"""Argument of a test -> the faults of a harness that it runs over."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask of every harness what holds for every kind."""
    fault = next((name for name in FAULTS if name in metafunc.fixturenames), None)
    if fault is not None:
        pairs = [(harness, each) for harness in HARNESSES for each in getattr(harness, FAULTS[fault])]
        metafunc.parametrize(("harness", fault), pairs, ids=[f"{harness.name}-{each}" for harness, each in pairs])
    elif "harness" in metafunc.fixturenames:
        metafunc.parametrize("harness", HARNESSES, ids=[harness.name for harness in HARNESSES])


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlServers]:
    """Database servers, started when they are asked for."""
    with sql_servers(tmp_path_factory.mktemp("sources")) as started:
        yield started


@pytest.fixture
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Serves books as the harness of the test does it, or else as a whole estate."""
    server: Callable[..., Any] = serve_estate
    if "harness" in request.fixturenames:
        harness: Harness = request.getfixturevalue("harness")
        server = partial(harness.serve, *map(request.getfixturevalue, harness.fixtures))
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(server(*args, **options))


@pytest.fixture
def open_() -> Iterator[Callable[[SystemSettings], Source]]:
    """Opens sources that are closed with the test."""
    with ExitStack() as stack:

        def opened(settings: SystemSettings) -> Source:
            source = open_source(settings)
            stack.callback(source.close)
            return source

        yield opened
