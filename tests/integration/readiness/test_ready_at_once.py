"""Several hubs that make the same orders ready at once, and hubs that are killed on the way: each thing once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hub.effects.drain import drain
from hub.readiness.beginning import begin_ready
from hub.workplace import Hub
from storage.effects import effects
from storage.reservations import devices_of, held_lines
from storage.sagas import sagas
from tests.fakes.doomed import DoomedDatabase, Fate, Killed
from tests.fakes.effects import HandClock, Stages
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import MARKET, OrderBook, serials
from tests.integration.conftest import DIALECTS

MOST_POINTS = 40


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_hubs_that_race_give_no_place_and_no_device_twice(
    hub: Hub, book: OrderBook, operator: LumenValley, tmp_path: Path, stages: Stages, clock: HandClock
) -> None:
    """Scenario 8: seven orders, a terminal with room for four, a neighbour with room for one; scenario 21 as well."""
    book.terminal("RB-H01-T002", port_capacity=8, capacity=1)
    orders = [book.order(number) for number in range(1, 8)]
    book.pull(hub)

    def one(_number: int) -> None:
        with operator.hub(tmp_path / "work") as own:
            begin_ready(own, MARKET, clock(), stages)

    for _ in range(2):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(one, range(3)))
        drain(hub, clock, stages)

    with hub.database.reading() as connection:
        lines = held_lines(connection, MARKET)
        given = [serial for order in orders for serial in devices_of(connection, order)]
        journaled, begun = effects(connection), sagas(connection)
    assert Counter(each.terminal for each in lines) == {"RB-H01-T001": 4, "RB-H01-T002": 1}
    assert len({each.onu_id for each in lines}) == len(lines) == 5
    assert len(given) == len(set(given)) == 5
    assert Counter(each.command for each in journaled) == {"create_work_order": 5}
    assert {each.order_number for each in begun} == {each.order_number for each in lines}
    assert len(begun) == 5
    assert len(operator.running.write_log.of("fsm")) == 5


def test_killed_at_any_commit_an_order_is_made_ready_once(
    hub: Hub, book: OrderBook, operator: LumenValley, stages: Stages, clock: HandClock
) -> None:
    """Scenario 9: killed anywhere and begun again leaves one line, one device, one job and one saga."""
    book.terminal(capacity=MOST_POINTS, port_capacity=MOST_POINTS)
    book.stock(serials(MOST_POINTS))
    survived = 0
    for point in range(1, MOST_POINTS):
        order = book.order(point)
        book.pull(hub)
        doomed = replace(hub, database=DoomedDatabase(hub.database, Fate(point)))  # type: ignore[arg-type]
        try:
            begin_ready(doomed, MARKET, clock(), stages)
            drain(hub, clock, stages)
            begin_ready(doomed, MARKET, clock(), stages)
            survived += 1
        except Killed:
            clock.move(minutes=6)
            begin_ready(hub, MARKET, clock(), stages)
            drain(hub, clock, stages)
            begin_ready(hub, MARKET, clock(), stages)
        with hub.database.reading() as connection:
            lines = [each for each in held_lines(connection, MARKET) if each.order_number == order]
            devices, begun = devices_of(connection, order), sagas(connection, order_number=order)
            jobs = effects(connection, subject=f"order/{order}")
        assert [len(each) for each in (lines, devices, jobs, begun)] == [1, 1, 1, 1], f"killed at point {point}"
        if survived:
            break
    assert survived
    assert point > 4
    assert len(operator.running.write_log.of("fsm")) == point
