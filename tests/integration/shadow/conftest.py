"""A hub of the example operator whose records are said one by one; no system of it is running. On both databases."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.workplace import Hub
from tests.fakes.lumen_valley import FOLDER, change
from tests.fakes.prepared_hub import prepared_hub
from tests.fakes.ready_orders import OrderBook, serials
from tests.integration.conftest import MakeDatabase


@pytest.fixture
def dialect() -> str:
    """Which database; a test that is about what is stored asks for both."""
    return "sqlite"


@pytest.fixture
def hub(tmp_path: Path, make_database: MakeDatabase, dialect: str) -> Iterator[Hub]:
    folder = tmp_path / "operator"
    shutil.copytree(FOLDER, folder)
    if dialect != "sqlite":
        named = f"operator: Lumen Valley\ndatabase: {make_database(dialect)}\n"
        change(folder / "operator.yaml", "operator: Lumen Valley\n", named)
    with prepared_hub(folder, tmp_path / "work", {}) as opened:
        yield opened


@pytest.fixture
def book() -> OrderBook:
    """A terminal with room for four, and devices for six."""
    known = OrderBook()
    known.terminal()
    known.stock(serials(6))
    return known
