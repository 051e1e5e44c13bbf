"""Markets in which a hand-off is taken over, and those in which the hub has acted; on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.workplace import Hub
from tests.fakes.acted_works import ActedWorks
from tests.fakes.effects import HandClock
from tests.fakes.lumen_valley import LumenValley, change, lumen_valley
from tests.fakes.ready_orders import OrderBook, serials
from tests.fakes.taking_over import TakeOver
from tests.integration.conftest import DIALECTS, MakeDatabase
from tests.postgresql import PostgresServer


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


@pytest.fixture(params=DIALECTS)
def works_anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> ActedWorks:
    """A market on SQLite, and on PostgreSQL."""
    if request.param == "sqlite":
        return ActedWorks(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    return ActedWorks(tmp_path, database=server.url(server.create_database()))


@pytest.fixture
def works(tmp_path: Path) -> ActedWorks:
    """Three customers of the hub, and two of the legacy systems, with whom all is well."""
    works = ActedWorks(tmp_path)
    for number in (1, 2, 3):
        works.good(number)
    for account in ("71", "72"):
        works.operator.clean(account)
    return works
