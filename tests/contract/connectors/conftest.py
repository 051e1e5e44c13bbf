"""A harness for every kind of system that is discovered, and estates that end with the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from source_harnesses import HARNESSES, OTHER_WAYS, Harness

from connectors.discovery import capabilities_by_kind, open_source
from connectors.ports import Source, SystemSettings
from simulated_estate.servers.serve import RunningEstate, serve_estate

KNOWN = {**HARNESSES, **OTHER_WAYS}
FAULTS = {"passing_fault": "passing", "lasting_fault": "lasting"}
"""Argument of a test -> the faults of a harness that it runs over."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask of every kind what holds for every kind; a kind without a harness fails each test by name."""
    kinds = [*(kind for kind, can in capabilities_by_kind().items() if can.reads), *OTHER_WAYS]
    fault = next((name for name in FAULTS if name in metafunc.fixturenames), None)
    if fault is not None:
        pairs = [(kind, each) for kind in kinds for each in getattr(KNOWN.get(kind), FAULTS[fault], ("no harness",))]
        metafunc.parametrize(("kind", fault), pairs, ids=[f"{kind}-{each}" for kind, each in pairs])
    elif "harness" in metafunc.fixturenames:
        metafunc.parametrize("kind", kinds)


@pytest.fixture
def harness(kind: str) -> Harness:
    assert kind in KNOWN, f"connectors/systems/{kind}.py has no harness in source_harnesses.py"
    return KNOWN[kind]


@pytest.fixture
def serve() -> Iterator[Callable[..., RunningEstate]]:
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(serve_estate(*args, **options))


@pytest.fixture
def open_() -> Iterator[Callable[[SystemSettings], Source]]:
    """Opens sources that are closed with the test."""
    with ExitStack() as stack:

        def opened(settings: SystemSettings) -> Source:
            source = open_source(settings)
            stack.callback(source.close)
            return source

        yield opened
