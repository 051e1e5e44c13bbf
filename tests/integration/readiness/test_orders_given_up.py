"""Orders that are called off, lapse or are undone: what was kept for them is given free, or tried again."""

from hub.effects.drain import drain
from hub.readiness.beginning import make_ready
from hub.readiness.outcome import Wishes
from hub.sagas.advance import advance
from hub.sagas.decisions import cancel
from hub.sagas.desk import Desk
from hub.workplace import Hub
from storage.effects import effects
from storage.reservations import devices_of
from storage.saga_leases import redirect
from storage.sagas import Saga, SagaStep, saga_with
from tests.fakes.effects import HandClock, Stages
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import OrderBook, begin, lines
from tests.fakes.told_network import ToldNetwork


def test_dead_orders_give_free_what_was_kept_for_them(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    """Scenario 8, RL-B08: called off, deleted in the CRM, or never begun."""
    book.terminal(capacity=3)
    called_off, deleted, lapsing, waiting = (book.order(number) for number in (1, 2, 3, 4))
    begin(hub, book, stages, clock)
    assert {each.order_number for each in lines(hub)} == {called_off, deleted, lapsing}
    book.state(called_off, "cancelled")
    del book.records["ProductOrder", deleted]
    outcome = begin(hub, book, stages, clock)
    assert [(each.line.order_number, each.why) for each in outcome.released] == [
        (called_off, "the order is cancelled"),
        (deleted, "the order is gone"),
    ]
    assert {each.order_number for each in lines(hub)} == {lapsing, waiting}
    with hub.database.reading() as connection:
        assert devices_of(connection, called_off) == []

    book.state(lapsing, "held")
    book.state(waiting, "held")
    clock.move(days=14)
    outcome = begin(hub, book, stages, clock)
    assert [each.why for each in outcome.released] == ["kept for too long and never begun"] * 2
    assert lines(hub) == []


def test_the_job_of_an_order_that_was_cancelled_is_called_off_before_anybody_sets_out(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """One that field service has is cancelled there, one that nobody has heard of is never told."""
    told, untold = book.order(1), book.order(2)
    begin(hub, book, stages, clock)
    with hub.database.reading() as connection:
        first = next(each for each in effects(connection) if each.subject == f"order/{told}")
    drain(hub, clock, stages, only=first.id)
    for order in (told, untold):
        book.state(order, "cancelled")
    assert len(begin(hub, book, stages, clock).released) == 2
    drain(hub, clock, stages)
    jobs = {row["order_reference"]: row for row in operator.running.books.field_service["work_orders"]}
    assert jobs[f"SO-{told}"]["state"] == "void"
    assert f"SO-{untold}" not in jobs
    assert lines(hub) == []


def test_a_line_on_which_a_saga_works_is_not_given_free(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    book.order(1)
    begin(hub, book, stages, clock)
    drain(hub, clock, stages)
    begin(hub, book, stages, clock)
    clock.move(days=40)
    assert begin(hub, book, stages, clock).released == []
    assert len(lines(hub)) == 1


def test_nobody_drives_for_an_order_that_is_called_off_while_its_saga_waits_for_the_visit(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    order = book.order(1)
    begin(hub, book, stages, clock)
    drain(hub, clock, stages)
    (ready,) = begin(hub, book, stages, clock).begun
    assert ready.saga is not None
    book.state(order, "pendingCancellation")
    begin(hub, book, stages, clock)
    assert saga_now(hub, ready.saga).state == "running", "nobody has decided yet"

    book.state(order, "cancelled")
    assert begin(hub, book, stages, clock).released == [], "first its saga comes to its end"
    undone(hub, clock)
    assert saga_now(hub, ready.saga).state == "undone"
    (released,) = begin(hub, book, stages, clock).released
    assert released.why == "the order is cancelled"
    drain(hub, clock, stages)
    jobs = {row["order_reference"]: row for row in operator.running.books.field_service["work_orders"]}
    assert jobs[f"SO-{order}"]["state"] == "void"
    assert lines(hub) == []
    assert begin(hub, book, stages, clock).released == []


def test_what_has_come_further_than_waiting_is_left_to_a_person(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock
) -> None:
    order = book.order(1)
    begin(hub, book, stages, clock)
    drain(hub, clock, stages)
    (ready,) = begin(hub, book, stages, clock).begun
    assert ready.saga is not None
    with hub.database.journaling() as connection:
        redirect(connection, ready.saga, {"step": "gate"}, SagaStep(clock(), "soak", "passed", "it works"))
    book.state(order, "cancelled")
    assert begin(hub, book, stages, clock).released == []
    assert saga_now(hub, ready.saga).state == "running"


def test_an_order_whose_saga_was_undone_is_tried_again_when_a_person_says_so(
    hub: Hub, book: OrderBook, stages: Stages, clock: HandClock, operator: LumenValley
) -> None:
    """Scenario 25: another attempt under the same order, with a job of its own; line and device stay."""
    order = book.order(1)
    begin(hub, book, stages, clock)
    drain(hub, clock, stages)
    (ready,) = begin(hub, book, stages, clock).begun
    assert ready.saga is not None
    before = lines(hub)
    undo_by_hand(hub, ready.saga, clock)

    assert begin(hub, book, stages, clock).awaiting == []
    assert make_ready(hub, order, clock(), stages).state == "begun"
    assert make_ready(hub, order, clock(), stages, Wishes(again=True)).state == "awaits_job"
    drain(hub, clock, stages)
    again = make_ready(hub, order, clock(), stages, Wishes(again=True))
    assert again.saga is not None
    assert (again.saga.key, again.saga.state) == (f"SO-{order}/activate/2", "running")
    assert lines(hub) == before
    asked = [each.operation for each in operator.running.write_log.of("fsm")]
    assert asked.count("POST work-orders") == 2

    undo_by_hand(hub, again.saga, clock)
    book.state(order, "cancelled")
    (released,) = begin(hub, book, stages, clock).released
    assert released.why == "the order is cancelled"


def undone(hub: Hub, clock: HandClock) -> None:
    """Lead on what goes back."""
    network = ToldNetwork(hub.workspace / "told.sqlite", access="rb-olt-calix", aaa="rb-aaa")
    with Desk(hub, hub.operator.network, network.driver, clock, Stages()) as desk:
        advance(desk)


def saga_now(hub: Hub, saga: Saga) -> Saga:
    with hub.database.reading() as connection:
        found = saga_with(connection, saga.id)
    assert found is not None
    return found


def undo_by_hand(hub: Hub, saga: Saga, clock: HandClock) -> None:
    """Let a saga end as one that was given up before it had touched anything."""
    network = ToldNetwork(hub.workspace / "told.sqlite", access="rb-olt-calix", aaa="rb-aaa")
    with Desk(hub, hub.operator.network, network.driver, clock, Stages()) as desk:
        clock.move(hours=13)
        advance(desk, only=saga.id)
        cancel(hub, saga.id, clock(), actor="dispatcher", why="the drop was never laid")
        advance(desk, only=saga.id)
    assert saga_now(hub, saga).state == "undone"
