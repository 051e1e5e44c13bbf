"""A hand-off is taken over and given back: who acts follows at once, and every order ends where it began."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.cohort import Cohort
from handoffs.stages import HANDOFFS
from handoffs.takeover import Move
from hub.decision import Decision
from hub.effects.drain import drain
from hub.effects.enqueue import planned_effect
from hub.readiness.beginning import ReadyOutcome, begin_ready
from hub.takeover.moves import Wish, give_back, move
from hub.takeover.standing import market_history, market_standing, who_acts
from hub.workplace import Hub
from storage.effects import journal
from storage.takeover import append_move
from storage.work_paths import paths_of
from tests.fakes.effects import START, HandClock, job
from tests.fakes.ready_orders import MARKET, OrderBook, begun, journaled, lines
from tests.fakes.taking_over import RIVERBEND, TakeOver


def begin(hub: Hub, book: OrderBook, taking: TakeOver) -> ReadyOutcome:
    book.pull(hub)
    return begin_ready(hub, MARKET, taking.clock(), taking.may_act)


def placed(taking: TakeOver) -> dict[str, object]:
    """That an order is placed now."""
    return {"ordered_at": taking.clock()}


def of(outcomes: Sequence[object]) -> list[str]:
    return [each.order_number for each in outcomes]  # type: ignore[attr-defined]


def test_the_hub_begins_what_is_ordered_in_its_cohort_after_the_flip(
    hub: Hub, book: OrderBook, taking: TakeOver
) -> None:
    before = book.order(1)
    taking.begin_canary()
    inside = book.order(2, **placed(taking))
    outside = book.order(3, **placed(taking), place={"city": "Shelbyville"})
    outcome = begin(hub, book, taking)

    assert of(outcome.awaiting) == [inside]
    assert outcome.not_ours == [before, outside]
    assert [each.order_number for each in lines(hub)] == [inside]
    reasons = {each.handoff: each.authority.reason for each in who_acts(hub, MARKET, f"order/{before}", START)}
    assert "it began" in reasons["order_to_provisioning"] or "began with legacy" in reasons["order_to_provisioning"]


def test_what_began_with_the_hub_ends_there_and_the_next_order_is_legacys(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    taking.begin_canary()
    mine = book.order(1, **placed(taking))
    begin(hub, book, taking)
    given = give_back(hub, MARKET, HANDOFFS, Decision("lee", clock(), "the billing page is wrong"))
    clock.move(minutes=1)
    later = book.order(2, **placed(taking))
    drain(hub, clock, taking.may_act)
    outcome = begin(hub, book, taking)

    assert {each.stage for each in given} == {"shadow"}
    assert [each.state for each in journaled(hub)] == ["done"], "the job that was asked for before is made"
    assert of(outcome.begun) == [mine]
    assert outcome.not_ours == [later]
    assert [each.order_number for each in begun(hub)] == [mine]


def test_what_nobody_has_touched_goes_back_with_the_hand_off(hub: Hub, book: OrderBook, taking: TakeOver) -> None:
    taking.begin_canary()
    order = book.order(1, **placed(taking))
    taking.move("order_to_provisioning", "rolled_back")

    assert begin(hub, book, taking).not_ours == [order]


def test_what_was_legacys_for_a_while_is_not_taken_from_it(hub: Hub, book: OrderBook, taking: TakeOver) -> None:
    """Legacy may have begun it while the hand-off was given back."""
    taking.begin_canary()
    order = book.order(1, **placed(taking))
    taking.move("order_to_provisioning", "rolled_back")
    taking.move("order_to_provisioning", "promoted", RIVERBEND)
    taking.watch("order_to_provisioning")
    later = book.order(2, **placed(taking))
    outcome = begin(hub, book, taking)

    assert (outcome.not_ours, of(outcome.awaiting)) == ([order], [later])


def test_an_order_of_which_nobody_tells_when_it_was_placed_is_legacys(
    hub: Hub, book: OrderBook, taking: TakeOver
) -> None:
    taking.begin_canary()
    order = book.order(1, ordered_at=None)

    assert begin(hub, book, taking).not_ours == [order]


def test_an_order_stays_legacys_though_more_becomes_known_of_it(hub: Hub, book: OrderBook, taking: TakeOver) -> None:
    taking.begin_canary()
    order = book.order(1, **placed(taking), place={"city": "Shelbyville"})
    assert begin(hub, book, taking).not_ours == [order]
    book.place("P1", city="Riverbend")
    taking.move("order_to_provisioning", "widened", Cohort())

    assert begin(hub, book, taking).not_ours == [order]
    with hub.database.reading() as connection:
        (path,) = paths_of(connection, MARKET, "order_to_provisioning")
    assert (path.writer, path.work) == ("legacy", f"order/{order}")


def test_who_tells_the_job_leads_its_order_to_the_field(hub: Hub, book: OrderBook, taking: TakeOver) -> None:
    """Port, device and tests go with the job; where legacy tells technicians what they need, it stays legacy's."""
    taking.begin_canary("order_to_provisioning", "provisioning_to_dispatch")
    legacy = book.order(1, **placed(taking))
    begin(hub, book, taking)
    taking.begin_canary("dispatch_to_field")
    ours = book.order(2, **placed(taking))
    begin(hub, book, taking)

    with hub.database.reading() as connection:
        jobs = {each.work for each in paths_of(connection, MARKET, "provisioning_to_dispatch", writer="hub")}
        packages = [each.work for each in paths_of(connection, MARKET, "dispatch_to_field", writer="hub")]
    assert jobs == {f"order/{legacy}", f"order/{ours}"}
    assert packages == [f"order/{ours}"]


def test_a_stopped_line_sends_nothing_and_loses_nothing(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    taking.begin_canary()
    order = book.order(1, **placed(taking))
    begin(hub, book, taking)
    taking.move("provisioning_to_dispatch", "held", why="two trucks")
    new = book.order(2, **placed(taking))
    drain(hub, clock, taking.may_act)
    outcome = begin(hub, book, taking)

    assert outcome.stopped == [order, new]
    (effect,) = journaled(hub)
    assert (effect.state, effect.sends) == ("queued", 0)
    assert effect.reason == "waits: the line is stopped: lee: two trucks"
    taking.move("provisioning_to_dispatch", "released")
    clock.move(minutes=5)
    drain(hub, clock, taking.may_act)
    assert [each.state for each in journaled(hub)] == ["done"]
    again = begin(hub, book, taking)
    assert (of(again.begun), of(again.awaiting)) == ([order], [new])


def test_a_job_that_is_to_be_called_off_waits_for_the_line(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    taking.begin_canary()
    order = book.order(1, **placed(taking))
    begin(hub, book, taking)
    drain(hub, clock, taking.may_act)
    taking.move("provisioning_to_dispatch", "held", why="two trucks")
    book.state(order, "cancelled")
    begin(hub, book, taking)
    assert [each.order_number for each in lines(hub)] == [order], "it is looked at again"
    taking.move("provisioning_to_dispatch", "released")
    begin(hub, book, taking)

    assert lines(hub) == []


def test_nothing_new_is_begun_once_nobody_watches(
    hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock
) -> None:
    taking.begin_canary()
    mine = book.order(1, **placed(taking))
    begin(hub, book, taking)
    clock.move(minutes=61)
    new = book.order(2, **placed(taking))
    drain(hub, clock, taking.may_act)
    outcome = begin(hub, book, taking)

    assert of(outcome.begun) == [mine], "what is begun goes on"
    assert outcome.stopped == [new]
    taking.watch("order_to_provisioning")
    taking.watch("provisioning_to_dispatch")
    assert of(begin(hub, book, taking).awaiting) == [new]


def test_a_hand_off_goes_forward_only_through_its_gate(hub: Hub, taking: TakeOver) -> None:
    taking.gate.lacks = "120 of 300 comparisons"
    with pytest.raises(UnsafeToContinue, match="stays in observe: 120 of 300 comparisons"):
        taking.move("field_to_billing", "promoted")
    with pytest.raises(UnsafeToContinue, match="no gate was asked"):
        move(hub, Wish(MARKET, "field_to_billing", "promoted"), Decision("lee", START, "now"))

    assert taking.position("field_to_billing").stage == "observe"
    assert market_history(hub, MARKET) == []


def test_a_move_needs_a_reason_and_a_table_that_allows_it(taking: TakeOver) -> None:
    with pytest.raises(ConfigurationError, match="needs a reason"):
        taking.move("field_to_billing", "promoted", why=" ")
    with pytest.raises(ConfigurationError, match="there is nothing to give back"):
        taking.move("field_to_billing", "given_back")
    assert taking.gate.asked == []


def test_two_who_move_it_at_once_do_not_both(hub: Hub, taking: TakeOver) -> None:
    moved = taking.move("field_to_billing", "promoted")
    late = Move("promoted", "shadow", moved.cohort, START, "kim", "too", epoch=1)
    with pytest.raises(UnsafeToContinue, match="moved by somebody else"), hub.database.journaling() as connection:
        append_move(connection, MARKET, "field_to_billing", late, 1)


def test_what_was_decided_before_a_roll_back_is_not_begun_after_it(
    hub: Hub, taking: TakeOver, clock: HandClock, book: OrderBook
) -> None:
    """Between the question who may act and the journal a rule may have given the hand-off back."""
    taking.begin_canary("order_to_provisioning", "provisioning_to_dispatch")
    order = book.order(1, **placed(taking))
    book.pull(hub)
    command = job(1, order_number=order)
    asked = planned_effect(hub, type(command)(**{**_fields(command), "market": MARKET}), taking.may_act)
    taking.move("provisioning_to_dispatch", "rolled_back")

    with pytest.raises(UnsafeToContinue, match="was moved meanwhile"), hub.database.journaling() as connection:
        journal(connection, asked, clock())
    assert journaled(hub) == []


def test_an_order_that_legacy_provisions_gets_its_job_from_legacy(
    hub: Hub, book: OrderBook, taking: TakeOver
) -> None:
    """The hub makes jobs for lines that it has reserved; with each side waiting for the other nobody would come."""
    taking.begin_canary("provisioning_to_dispatch")
    order = book.order(1, **placed(taking))
    assert begin(hub, book, taking).not_ours == [order]
    told = taking.may_act(MARKET, "provisioning_to_dispatch", f"order/{order}")
    assert (told.actor, told.reason) == (
        "legacy",
        "legacy begins it in order to provisioning, and does this as well",
    )
    (standing,) = [
        each for each in market_standing(hub, MARKET) if each.position.handoff == "provisioning_to_dispatch"
    ]
    assert standing.draining.legacy == (f"order/{order}",)

    taking.begin_canary("order_to_provisioning")
    later = book.order(2, **placed(taking))
    assert of(begin(hub, book, taking).awaiting) == [later]
    assert taking.may_act(MARKET, "provisioning_to_dispatch", f"order/{later}").actor == "hub"


def test_legacy_retires_when_its_orders_are_done(hub: Hub, book: OrderBook, taking: TakeOver) -> None:
    order = book.order(1)
    taking.begin_canary("field_to_billing")
    taking.move("field_to_billing", "promoted")
    book.pull(hub)
    with pytest.raises(UnsafeToContinue, match="1 open orders are still on legacy's path"):
        taking.move("field_to_billing", "promoted")
    (standing,) = [each for each in market_standing(hub, MARKET) if each.position.handoff == "field_to_billing"]
    assert (standing.draining.legacy, standing.draining.hub) == ((f"order/{order}",), ())
    book.state(order, "completed")
    book.pull(hub)

    assert taking.move("field_to_billing", "promoted").stage == "legacy_retired"


def test_legacy_retires_from_dispatch_only_once_it_provisions_no_more(hub: Hub, taking: TakeOver) -> None:
    """With nothing open its path looks dry; the next order that it provisions would have nobody to make its job."""
    taking.begin_canary("order_to_provisioning", "provisioning_to_dispatch")
    for handoff in ("order_to_provisioning", "provisioning_to_dispatch"):
        taking.move(handoff, "promoted")
    with pytest.raises(UnsafeToContinue, match="legacy has not retired from order to provisioning"):
        taking.move("provisioning_to_dispatch", "promoted")
    taking.move("order_to_provisioning", "promoted")

    assert taking.move("provisioning_to_dispatch", "promoted").stage == "legacy_retired"


def test_the_history_tells_who_moved_what_and_why(hub: Hub, taking: TakeOver) -> None:
    taking.begin_canary("field_to_billing")
    taking.move("field_to_billing", "rolled_back", why="one double bill")

    told = [(each.kind, each.stage, each.epoch, each.verdict_id, each.why) for _, each in market_history(hub, MARKET)]
    assert told == [
        ("promoted", "shadow", 1, 7, "tried"),
        ("promoted", "canary", 2, 7, "tried"),
        ("rolled_back", "shadow", 3, None, "one double bill"),
    ]
    (standing,) = [each for each in market_standing(hub, MARKET) if each.position.handoff == "field_to_billing"]
    assert standing.position.why == "lee: one double bill"
    assert timedelta(0) < START + timedelta(seconds=9) - (standing.position.since or START)


def _fields(command: object) -> dict[str, object]:
    return {name: getattr(command, name) for name in command.__dataclass_fields__}  # type: ignore[attr-defined]


def test_a_cohort_of_one_town_does_not_begin_elsewhere(hub: Hub, book: OrderBook, taking: TakeOver) -> None:
    assert RIVERBEND.towns == {"Riverbend"}
    taking.begin_canary(cohort=Cohort(towns=frozenset({"Nowhere"})))
    order = book.order(1, **placed(taking))

    assert begin(hub, book, taking).not_ours == [order]
