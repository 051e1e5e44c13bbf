"""Markers come from the folder a test lies in; peers that are missing skip with a reason."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from tests.grouping import ByGroup
from tests.peers import PeerWatch

# How long an example takes depends on what else the machine does; only the outcome counts. Whoever changes the code
# looks for new examples with each run; continuous integration takes the same ones each time, so that what it refuses
# is the change and not its luck.
settings.register_profile(
    "splice",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("splice")

pytest_plugins = ("tests.browsers",)
KINDS = ("unit", "contract", "integration", "flows", "e2e", "architecture")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(PeerWatch(config), "peer-watch")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    """Who distributes tests over processes, where there are several."""
    return ByGroup(config, log)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end; it need not be looked through again and again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    gc.unfreeze()  # DuckDB's bindings tell of whatever is never collected


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        kind = item.path.relative_to(here).parts[0]
        if kind in KINDS:
            item.add_marker(getattr(pytest.mark, kind))
