"""Orders that neither side makes a job for are seen; what was always slow, or what somebody has spoken of, is not."""

from datetime import datetime, timedelta

import pytest

from canonical_model.field_work import WorkOrder
from canonical_model.orders import OrderState, OrderType
from hub.workplace import Hub
from storage.readiness_holds import hold_order
from tests.fakes.acted_works import NOW, ActedWorks
from tests.fakes.planted import Plant, Planted, is_let_be, is_seen
from tests.fakes.small_operator import MARKET

PLANTED = Planted()
DAY = timedelta(days=1)


def place(
    works: ActedWorks,
    number: str,
    at: datetime,
    waits: timedelta | None,
    kind: OrderType = "new",
    state: OrderState = "inProgress",
) -> None:
    """An order of a customer of legacy, and its job after a while; none where it still lies."""
    works.operator.order("71", number, kind, offering_id="silver", ordered_at=at, state=state)
    if waits is not None:
        job = {"work_order_id": f"wo-{number}", "order_number": number, "work_type": "install", "state": "new"}
        works.operator.add(WorkOrder, "fsm", source_id=f"wo-{number}", created_at=at + waits, **job)


def weeks_before(works: ActedWorks, waits: timedelta | None = DAY, kind: OrderType = "new") -> None:
    """Sixty orders of the months before, each with a job after some time."""
    for number in range(60):
        place(works, f"8{number:03}", NOW - timedelta(days=75 + number), waits, kind)


def weeks_since(
    works: ActedWorks, lying: int, many: int = 28, kind: OrderType = "new", state: OrderState = "inProgress"
) -> None:
    """An order on each day of the last weeks; the first of them lie."""
    for number in range(many):
        at = NOW - timedelta(days=30 - number, hours=1)
        place(works, f"7{number:03}", at, None if number < lying else DAY, kind, state)


@PLANTED.harm("orders_lying")
def a_quarter_of_all_orders_lies(works: ActedWorks) -> None:
    weeks_before(works)
    weeks_since(works, lying=7)


@PLANTED.harm("orders_lying")
def moves_lie(works: ActedWorks) -> None:
    weeks_before(works, kind="move")
    weeks_since(works, lying=7, kind="move")


@PLANTED.harm("orders_lying")
def half_of_few_orders_lie(works: ActedWorks) -> None:
    weeks_before(works)
    weeks_since(works, lying=3, many=6)


@PLANTED.innocent
def one_order_lies(works: ActedWorks) -> None:
    weeks_before(works)
    weeks_since(works, lying=1, many=4)


@PLANTED.innocent
def orders_have_always_lain_that_long(works: ActedWorks) -> None:
    weeks_before(works, waits=timedelta(days=40))
    weeks_since(works, lying=28)


@PLANTED.innocent
def one_in_five_never_had_a_job(works: ActedWorks) -> None:
    for number in range(60):
        waits = None if number % 5 == 0 else DAY
        place(works, f"8{number:03}", NOW - timedelta(days=75 + number), waits)
    weeks_since(works, lying=7)


@PLANTED.innocent
def nobody_knows_how_long_orders_lay_before(works: ActedWorks) -> None:
    weeks_since(works, lying=7)


@PLANTED.innocent
def orders_were_placed_yesterday(works: ActedWorks) -> None:
    weeks_before(works)
    for number in range(20):
        place(works, f"7{number:03}", NOW - timedelta(hours=30), None)


@PLANTED.innocent
def orders_wait_for_their_customers_by_the_word_of_the_crm(works: ActedWorks) -> None:
    weeks_before(works)
    weeks_since(works, lying=7, state="held")


@PLANTED.innocent
def people_know_what_is_in_their_way(works: ActedWorks) -> None:
    weeks_before(works)
    weeks_since(works, lying=7)
    for number in range(7):
        hold(works, f"7{number:03}")


@PLANTED.innocent
def orders_were_done_without_a_job(works: ActedWorks) -> None:
    weeks_before(works)
    weeks_since(works, lying=7, state="completed")


def hold(works: ActedWorks, number: str) -> None:
    reason = {"code": "no_port", "label": "no port is free", "person": "plant"}

    def write(hub: Hub) -> None:
        with hub.database.writing() as connection:
            hold_order(connection, MARKET.id, number, [reason], NOW - DAY)

    works.journals.append(write)


@pytest.mark.parametrize(("kind", "plant"), PLANTED.harms, ids=[plant.__name__ for _, plant in PLANTED.harms])
def test_harm_is_seen(works: ActedWorks, kind: str, plant: Plant) -> None:
    is_seen(works, kind, plant)


@pytest.mark.parametrize("plant", PLANTED.innocents, ids=[plant.__name__ for plant in PLANTED.innocents])
def test_what_looks_like_it_is_let_be(works: ActedWorks, plant: Plant) -> None:
    is_let_be(works, plant)
