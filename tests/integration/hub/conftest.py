"""A running estate with its hub, a clock that is moved by hand, and somebody who says who may act."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.workplace import Hub
from tests.fakes.effects import impatient
from tests.fakes.lumen_valley import LumenValley, lumen_valley


@pytest.fixture
def small_operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=20, months=2) as running:
        yield running


@pytest.fixture
def acting_hub(small_operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with small_operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def impatient_hub(small_operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    """Waits three seconds for an answer."""
    with impatient(small_operator).hub(tmp_path / "work") as opened:
        yield opened
