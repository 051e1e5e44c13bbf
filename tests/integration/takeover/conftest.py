"""A hub of the example operator that takes a hand-off over; on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.workplace import Hub
from tests.fakes.effects import HandClock
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.fakes.ready_orders import OrderBook, serials
from tests.fakes.taking_over import TakeOver
from tests.integration.conftest import MakeDatabase


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path / "operator", subscribers=6, months=2) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path, make_database: MakeDatabase, dialect: str) -> Iterator[Hub]:
    if dialect != "sqlite":
        file = operator.folder / "operator.yaml"
        change(file, "operator: Lumen Valley\n", f"operator: Lumen Valley\ndatabase: {make_database(dialect)}\n")
    with operator.hub(tmp_path / "work") as opened:
        yield opened


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def book() -> OrderBook:
    """A terminal with room for four, and devices for six."""
    known = OrderBook()
    known.terminal()
    known.stock(serials(6))
    return known


@pytest.fixture
def taking(hub: Hub, clock: HandClock) -> TakeOver:
    return TakeOver(hub, clock)
