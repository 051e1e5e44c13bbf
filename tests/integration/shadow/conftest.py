"""A hub of the example operator whose records are said one by one; no system of it is running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.workplace import Hub
from tests.fakes.lumen_valley import FOLDER
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.ready_orders import OrderBook, serials


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with prepared_hub(FOLDER, tmp_path / "work", {}) as opened:
        yield opened


@pytest.fixture
def book() -> OrderBook:
    """A terminal with room for four, and devices for six."""
    known = OrderBook()
    known.terminal()
    known.stock(serials(6))
    return known
