"""Records are asked for in one way, wherever they are: database, snapshot, and what was remembered answer alike."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from canonical_model.field_work import WorkOrder, WorkOrderVisit
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder, ProductOrderItem
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.record import Record
from hub.readiness.order_records import KnownRecords
from hub.takeover.shadow.remembered import RememberedRecords
from hub.takeover.shadow.snapshot_records import snapshot_records
from hub.workplace import Hub
from reconciliation.snapshot.table_files import write_records
from storage.arrow_columns import arrow_schema
from storage.changed_orders import changed_orders
from storage.current_records import CurrentRecords
from storage.extract import entity_batches
from tests.fakes.effects import START
from tests.fakes.ready_orders import MARKET, OrderBook, serials

ASKED: tuple[tuple[type[Record], str], ...] = (
    (ProductOrder, "order_number"),
    (ProductOrder, "premise_id"),
    (ProductOrderItem, "order_number"),
    (Premise, "source_id"),
    (WorkOrder, "order_number"),
    (WorkOrderVisit, "work_order_id"),
    (AccessTerminal, "hub"),
    (NetworkObservation, "serial"),
)


@pytest.fixture
def known(hub: Hub, book: OrderBook) -> OrderBook:
    first, second = book.order(1), book.order(2)
    book.item(first, "voice", 1)
    book.done(second, START, serials(1)[0], "1/1/1/1")
    book.pull(hub)
    return book


@pytest.fixture(params=["database", "snapshot", "remembered"])
def records(request: pytest.FixtureRequest, hub: Hub, known: OrderBook, tmp_path: Path) -> Iterator[KnownRecords]:
    with ExitStack() as stack:
        connection = stack.enter_context(hub.database.reading())
        if request.param == "database":
            yield CurrentRecords(connection, MARKET)
            return
        for entity in {each for each, _ in ASKED}:
            write_records(tmp_path, entity.__name__, arrow_schema(entity), entity_batches(connection, entity, MARKET))
        found = stack.enter_context(snapshot_records(tmp_path))
        yield found if request.param == "snapshot" else RememberedRecords(found)


@pytest.mark.parametrize(("entity", "column"), ASKED, ids=lambda each: getattr(each, "__name__", each))
def test_records_are_found_by_a_column(
    records: KnownRecords, known: OrderBook, entity: type[Record], column: str
) -> None:
    said = [each for each in known.records.values() if type(each) is entity]
    values = {str(getattr(each, column)) for each in said}
    for _ in range(2):
        found = records.among(entity, column, values)
        assert sorted(found, key=lambda each: each.source_id) == sorted(said, key=lambda each: each.source_id)
    assert records.among(entity, column, {"nothing of that name"}) == []
    assert records.among(entity, column, set()) == []


def test_further_columns_narrow_it_down(records: KnownRecords, known: OrderBook) -> None:
    numbers = [each.order_number for each in known.records.values() if isinstance(each, ProductOrder)]
    found = records.among(ProductOrder, "order_number", numbers, state=["completed"])
    assert [each.state for each in found] == ["completed"]


def test_an_order_has_changed_where_anything_around_it_has(hub: Hub, book: OrderBook) -> None:
    orders = [book.order(number) for number in (1, 2, 3, 4)]
    book.job("wo-2", orders[1])
    book.pull(hub)
    later = START + timedelta(hours=1)
    book.state(orders[0], "cancelled")
    book.say(WorkOrderVisit, "fsm", "wo-2#1", work_order_id="wo-2", visit_number=1, outcome="no_access")
    book.change("ProductOrder", orders[2], promotion_code="hello")
    book.pull(hub, later)
    book.billed(orders[3], START.date())
    with hub.database.reading() as connection:
        assert changed_orders(connection, MARKET, START + timedelta(minutes=1)) == set(orders[:3])
        assert changed_orders(connection, MARKET, later + timedelta(minutes=1)) == set()
    book.pull(hub, later + timedelta(hours=1))
    with hub.database.reading() as connection:
        assert changed_orders(connection, MARKET, later + timedelta(minutes=1)) == {orders[3]}
