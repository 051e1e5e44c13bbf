"""A hub of the example operator beside a network that remembers what it was told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hub.sagas.desk import Desk
from hub.sagas.look_turns import LookTurns
from hub.workplace import Hub
from tests.fakes.effects import HandClock, Stages
from tests.fakes.lines import NETWORK
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.told_network import ToldNetwork


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as running:
        yield running


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def network(tmp_path: Path) -> ToldNetwork:
    return ToldNetwork(tmp_path / "network.sqlite")


@pytest.fixture
def desk(hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages) -> Iterator[Desk]:
    with Desk(hub, NETWORK, network.driver, clock, stages, looks=LookTurns(timedelta())) as opened:
        yield opened
