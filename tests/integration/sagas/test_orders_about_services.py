"""Orders about services that are there: begun by themselves, once their day has come and their job is done."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from canonical_model.field_work import FieldCompletion
from canonical_model.orders import ProductOrder
from hub.readiness.beginning import ReadyOutcome, begin_ready, make_ready
from hub.readiness.outcome import Wishes
from hub.sagas.asking import suspend_service
from hub.sagas.decisions import give_up
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from storage.readiness_holds import held_orders
from storage.sagas import Saga
from storage.work_paths import path_of
from tests.fakes.effects import START, HandClock, Stages
from tests.fakes.led_sagas import Orders, active_service, done, facts_of, led_on, told_by
from tests.fakes.lines import line
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.ready_orders import MARKET, OrderBook, codes
from tests.fakes.told_network import ToldNetwork


@dataclass
class Town:
    """A service that works, its customer's orders, and what field service says of them."""

    desk: Desk
    clock: HandClock
    book: OrderBook
    account: str
    order: str

    def wants(self, kind: str, order: str | None = None, **facts: object) -> str:
        """An order of the customer is placed; gives its number."""
        number = order or self.order
        known = {"account_number": self.account, "ordered_at": START, "state": "inProgress", "premise_id": "P1"}
        known |= {"order_number": number, "order_type": kind} | facts
        self.book.say(ProductOrder, "crm", number, **known)
        return number

    def reported(self, job: str, installed: str) -> None:
        known = {"work_order_id": job, "completed_at": self.clock(), "installed_offering_id": installed}
        self.book.say(FieldCompletion, "fsm", job, **known)

    def round(self) -> ReadyOutcome:
        self.book.pull(self.desk.hub, self.clock())
        return begin_ready(self.desk.hub, MARKET, self.clock(), self.desk.may_act)

    def held_numbers(self) -> list[str]:
        with self.desk.hub.database.reading() as connection:
            return [each.order_number for each in held_orders(connection, MARKET)]


@pytest.fixture
def active(desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley) -> Saga:
    wish = Orders(operator).wish()
    return active_service(
        desk, network, clock, wish.model_copy(update={"line": line(service_id=wish.account_number)})
    )


@pytest.fixture
def town(desk: Desk, clock: HandClock, operator: LumenValley, active: Saga) -> Town:
    facts = facts_of(active)
    found = Town(desk, clock, OrderBook(), facts.account_number, Orders(operator).order(2)[0])
    given = {"offering_id": "fiber-500", "state": "completed", "completed_at": START}
    found.wants("new", facts.order_number, **given)
    return found


def test_another_tier_is_given_and_billed(
    town: Town, operator: LumenValley, network: ToldNetwork, clock: HandClock, desk: Desk
) -> None:
    order = town.wants("change", offering_id="fiber-1000")
    (begun,) = town.round().begun
    assert begun.saga is not None
    assert (begun.order_number, begun.saga.kind) == (order, "change_tier")
    ended = done(desk, begun.saga, clock)
    assert network.settings("olt-1", town.account)["down_mbps"] == 1000  # type: ignore[index]
    assert operator.running.books.billing["subscriptions"][-1]["planCode"] == "INT-FBR-1000"
    assert told_by(desk, ended)["set_customer_status"].fields["order_number"] == order
    again = town.round()
    assert (again.begun, again.told, again.not_ours) == ([], [], [])
    assert make_ready(desk.hub, order, clock(), desk.may_act).saga == ended


def test_a_service_ends_on_its_day(town: Town, operator: LumenValley, clock: HandClock, desk: Desk) -> None:
    last_day = (START + timedelta(days=4)).date()
    town.wants("cease", effective_on=last_day)
    (waits,) = town.round().awaiting
    assert (waits.state, waits.said) == ("awaits_day", "it counts from 2026-11-09")
    clock.move(days=4)
    (begun,) = town.round().begun
    assert begun.saga is not None
    ended = done(desk, begun.saga, clock)
    assert told_by(desk, ended)["stop_billing"].fields["ends_on"] == "2026-11-09"
    assert operator.running.books.billing["subscriptions"][-1]["status"] == "CLOSED"


def test_a_device_that_somebody_collects_already_is_collected_once(
    town: Town, operator: LumenValley, clock: HandClock, desk: Desk
) -> None:
    """The end waits for no job, and closes none that another has made."""
    order = town.wants("cease")
    town.book.job("wo-8", order, work_type="disconnect", state="cannot_complete")
    town.book.job("wo-9", order, work_type="disconnect")
    (begun,) = town.round().begun
    assert begun.saga is not None
    told = told_by(desk, done(desk, begun.saga, clock))
    assert set(told) == {"set_customer_status", "set_service_status", "stop_billing"}


def test_what_a_technician_has_to_do_before_is_waited_for(town: Town, clock: HandClock, desk: Desk) -> None:
    order = town.wants("change", offering_id="fiber-1000")
    town.book.job("wo-0", order, work_type="change", state="cancelled")
    town.book.job("wo-1", order, work_type="change")
    (waits,) = town.round().awaiting
    assert (waits.state, waits.said) == ("awaits_job", "job wo-1 is scheduled")
    town.reported("wo-1", "fiber-500")
    (held,) = town.round().told
    assert codes(held) == ["installedOther"]
    assert "reports fiber-500, the order wants fiber-1000" in held.said
    assert town.round().still_held == [order]
    town.reported("wo-1", "fiber-1000")
    (begun,) = town.round().begun
    assert begun.saga is not None
    assert facts_of(begun.saga).work_order_id == "wo-1"
    assert town.held_numbers() == []


def test_a_job_that_could_not_be_done_is_for_a_person(town: Town) -> None:
    order = town.wants("change", offering_id="fiber-1000")
    town.book.job("wo-1", order, work_type="change", state="cannot_complete")
    (held,) = town.round().told
    assert codes(held) == ["jobNotDone"]
    town.book.job("wo-2", order, work_type="change", state="completed")
    (begun,) = town.round().begun
    assert begun.saga is not None
    assert facts_of(begun.saga).work_order_id is None, "field service has closed it already"


@pytest.mark.parametrize(
    ("offering", "code"),
    [("fiber-500", "nothingToChange"), (None, "unmappedOffering"), ("moon-cable", "serviceNotReady")],
)
def test_a_tier_that_cannot_be_given_is_held(town: Town, offering: str | None, code: str) -> None:
    order = town.wants("change", offering_id=offering)
    (held,) = town.round().told
    assert codes(held) == [code]
    assert town.held_numbers() == [order]
    assert town.round().still_held == [order]


def test_a_suspended_service_gets_no_other_tier_and_may_end(town: Town, clock: HandClock, desk: Desk) -> None:
    done(desk, suspend_service(desk.hub, town.account, "walled", clock(), Wish(name="reminder-3")), clock)
    order = town.wants("change", offering_id="fiber-1000")
    (held,) = town.round().told
    assert codes(held) == ["serviceNotReady"]
    assert "is walled" in held.said
    town.book.state(order, "cancelled")
    town.wants("cease", "90777")
    (begun,) = town.round().begun
    assert begun.order_number == "90777"


def test_of_two_orders_the_later_one_waits(town: Town, desk: Desk, clock: HandClock) -> None:
    first = town.wants("change", "90701", offering_id="fiber-1000", ordered_at=START - timedelta(hours=2))
    town.wants("cease", "90702", ordered_at=START - timedelta(hours=1))
    outcome = town.round()
    assert [each.order_number for each in outcome.begun] == [first]
    assert [codes(each) for each in outcome.told] == [["serviceUnderWay"]]
    assert outcome.begun[0].saga is not None


def test_what_has_ended_is_changed_by_nobody(town: Town, desk: Desk, clock: HandClock) -> None:
    town.wants("cease")
    (begun,) = town.round().begun
    town.wants("change", "90702", offering_id="fiber-1000")
    (held,) = town.round().told
    assert codes(held) == ["serviceUnderWay"]
    assert begun.saga is not None
    done(desk, begun.saga, clock)
    (held,) = town.round().told
    assert codes(held) == ["serviceNotReady"]
    assert "has ended" in held.said


def test_what_another_has_brought_to_life_is_left_to_it(town: Town, desk: Desk) -> None:
    """The account has a second service elsewhere that the hub knows nothing of."""
    town.wants("new", "90600", premise_id="P9", state="completed", completed_at=START)
    order = town.wants("change", offering_id="fiber-1000", premise_id="P9")
    outcome = town.round()
    assert (outcome.begun, outcome.not_ours) == ([], [order])
    with desk.hub.database.reading() as connection:
        for handoff in ("order_to_provisioning", "field_to_billing"):
            path = path_of(connection, MARKET, handoff, f"order/{order}")  # type: ignore[arg-type]
            assert path is not None
            assert path.writer == "legacy"


def test_an_order_that_names_no_place_is_not_guessed_at(town: Town) -> None:
    town.wants("new", "90600", premise_id="P9", state="completed", completed_at=START)
    town.wants("cease", premise_id=None)
    (held,) = town.round().told
    assert codes(held) == ["serviceAmbiguous"]


def test_an_order_that_names_no_place_is_about_the_only_service(town: Town) -> None:
    town.wants("new", "90600", premise_id="P9", state="completed", completed_at=START)
    town.wants("cease", "90601", premise_id="P9", state="completed", completed_at=START)
    order = town.wants("cease", premise_id=None)
    assert [each.order_number for each in town.round().begun] == [order]


def test_a_change_before_the_installation_waits_for_it(desk: Desk, clock: HandClock, operator: LumenValley) -> None:
    town = Town(desk, clock, OrderBook(), "80001", "90002")
    new = town.book.order(1, premise_id="P1", place={"serviceability": "planned"})
    town.wants("change", offering_id="fiber-1000")
    outcome = town.round()
    assert [each.said for each in outcome.awaiting] == [f"order {new} is to bring the service first"]


def test_what_legacy_provisions_stays_with_it(town: Town, stages: Stages) -> None:
    order = town.wants("change", offering_id="fiber-1000")
    stages.actor = "legacy"
    assert town.round().not_ours == [order]
    stages.actor = "nobody"
    assert town.round().stopped == [order]


def test_a_change_that_was_given_up_is_tried_again_when_asked(
    town: Town, network: ToldNetwork, desk: Desk, clock: HandClock
) -> None:
    order = town.wants("change", offering_id="fiber-1000")
    (begun,) = town.round().begun
    assert begun.saga is not None
    give_up(desk.hub, begun.saga, clock(), actor="ana", why="the customer thinks it over")
    assert led_on(desk, begun.saga, clock).state == "undone"
    assert town.round().begun == []
    again = make_ready(desk.hub, order, clock(), desk.may_act, Wishes(again=True))
    assert again.saga is not None
    assert again.saga.key.endswith("/2")
