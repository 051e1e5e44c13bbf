"""Markers come from the folder a test lies in; peers that are missing skip with a reason."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.peers import PeerWatch

# How long an example takes depends on what else the machine does; only the outcome counts.
settings.register_profile("splice", deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.load_profile("splice")

KINDS = ("unit", "contract", "integration", "flows", "e2e", "architecture")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(PeerWatch(config), "peer-watch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        kind = item.path.relative_to(here).parts[0]
        if kind in KINDS:
            item.add_marker(getattr(pytest.mark, kind))
