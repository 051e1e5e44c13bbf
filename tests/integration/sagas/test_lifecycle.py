"""What happens to a service after its activation: told to the network, proven, and only then told to anybody else."""

from datetime import UTC, date, datetime

import pytest

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.sagas.advance import advance
from hub.sagas.asking import (
    cease_service,
    change_tier,
    hold_service,
    move_service,
    reapply_service,
    restore_service,
    suspend_service,
    swap_device,
    wake_service,
)
from hub.sagas.decisions import cancel
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from provisioning.driver import UNCONFIRMED_FOR
from provisioning.facts import SuspensionBilling
from provisioning.network_file import LifecycleBlock
from storage.reservations import Place, held_lines, reserve_line
from storage.sagas import Saga, sagas
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import (
    SERVICE,
    Orders,
    active_service,
    done,
    facts_of,
    kinds,
    led_on,
    now_of,
    story,
    told_by,
    with_network,
)
from tests.fakes.lines import ONT, line
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

NEW = "CXNK00D4E5F6"


@pytest.fixture
def orders(operator: LumenValley) -> Orders:
    return Orders(operator)


@pytest.fixture
def active(desk: Desk, network: ToldNetwork, clock: HandClock, orders: Orders) -> Saga:
    """A service that works and is billed."""
    return active_service(desk, network, clock, orders.wish())


def keep(desk: Desk, order: str, place: Place) -> None:
    """A place is kept for an order of a new service, as it is before its activation."""
    with desk.hub.database.writing() as connection:
        of_it = {"service_id": SERVICE, "order_number": order, "at": desk.clock()}
        reserve_line(connection, [place], (), market="riverbend", **of_it)  # type: ignore[arg-type]


def kept_places(desk: Desk) -> list[tuple[str, int]]:
    """Port and number of every place that is kept."""
    with desk.hub.database.reading() as connection:
        return [(each.port, each.onu_id) for each in held_lines(connection, "riverbend")]


def newest(desk: Desk) -> Saga:
    """The saga of the service that was begun last."""
    with desk.hub.database.reading() as connection:
        return sagas(connection, service_id=SERVICE)[-1]


def subscription(operator: LumenValley) -> dict[str, object]:
    """What billing holds of the service."""
    return operator.running.books.billing["subscriptions"][-1]


def test_an_upgrade_on_the_day_of_the_activation(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, active: Saga
) -> None:
    """Scenario 34: billing starts and changes on one day; the network was changed before."""
    began, _ = network.session(SERVICE)
    asked = change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-17"))
    ended = done(desk, asked, clock)
    assert network.settings("olt-1", SERVICE)["down_mbps"] == 1000  # type: ignore[index]
    assert network.settings("aaa-1", SERVICE) == {"group": "fiber-1000"}
    assert network.session(SERVICE)[0] > began
    start, change = told_by(desk, active)["start_billing"], told_by(desk, ended)["change_billing"]
    assert start.fields["starts_on"] == change.fields["effective_on"] == "2026-11-05"
    assert change.fields["subscription_id"] == start.reference
    assert subscription(operator)["planCode"] == "INT-FBR-1000"
    assert change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-17")) == ended
    assert change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish()) == ended


def test_a_tier_that_the_network_does_not_take_is_not_billed(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, active: Saga
) -> None:
    """Scenario 15: an element that says yes and changes nothing."""
    network.fail("olt-1", "lies", times=1_000)
    held = led_on(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish()), clock, rounds=60)
    assert (held.state, held.step, held.person) == ("held", "configure_access", "network_engineer")
    assert told_by(desk, held) == {}
    assert subscription(operator)["planCode"] == "INT-FBR-0500"


@pytest.mark.parametrize("mode", ["walled", "throttled", "blocked"])
def test_suspended_and_restored(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, active: Saga, mode: str
) -> None:
    """Scenario 35: both directions are proven, and the bill goes on as the operator says."""
    wish = Wish(name="reminder-3", reason="not paid")
    suspended = done(desk, suspend_service(desk.hub, SERVICE, mode, clock(), wish), clock)  # type: ignore[arg-type]
    groups = {"walled": "walled-garden", "throttled": "throttled", "blocked": "blocked"}
    assert network.settings("aaa-1", SERVICE) == {"group": groups[mode]}
    assert network.settings("olt-1", SERVICE)["enabled"] is (mode != "blocked")  # type: ignore[index]
    assert {name: each.command for name, each in told_by(desk, suspended).items()} == {
        "set_service_status": "set_service_status"
    }
    account = facts_of(suspended).account_number
    rows = operator.running.books.crm["Account"]
    held = next(row for row in rows if row["Account_Key__c"] == f"LV-{account.zfill(7)}")
    assert held["Service_Status__c"] == "suspended"
    assert suspend_service(desk.hub, SERVICE, mode, clock(), wish) == suspended  # type: ignore[arg-type]
    assert suspend_service(desk.hub, SERVICE, mode, clock(), Wish()) == suspended  # type: ignore[arg-type]

    restored = done(desk, restore_service(desk.hub, SERVICE, clock(), Wish(name="payment-9")), clock)
    assert network.settings("aaa-1", SERVICE) == {"group": "fiber-500"}
    assert network.settings("olt-1", SERVICE)["enabled"] is True  # type: ignore[index]
    seen = next(words for step, event, words in story(desk, restored) if (step, event) == ("verify", "passed"))
    assert "the terminal is registered" in seen
    assert "in session since" in seen
    assert held["Service_Status__c"] == "active"
    again = suspend_service(desk.hub, SERVICE, mode, clock(), Wish(name="reminder-4"))  # type: ignore[arg-type]
    assert again.id not in (suspended.id, restored.id)


def test_a_bill_that_rests_while_a_service_is_suspended(
    desk: Desk, clock: HandClock, operator: LumenValley, active: Saga
) -> None:
    """Scenario 35: stop is a policy; the days in between are not billed, and the policy of the beginning counts."""
    with with_network(desk, lifecycle=LifecycleBlock(suspension=SuspensionBilling(policy="stop"))) as other:
        suspended = done(other, suspend_service(other.hub, SERVICE, "walled", clock(), Wish(name="r-3")), clock)
        assert (subscription(operator)["status"], told_by(desk, suspended)["suspend_billing"].state) == (
            "SUSPENDED",
            "done",
        )
    clock.move(days=4)
    restored = done(desk, restore_service(desk.hub, SERVICE, clock(), Wish(name="p-1")), clock)
    assert told_by(desk, restored)["resume_billing"].fields["resumes_on"] == "2026-11-09"
    assert subscription(operator)["suspensions"] == [{"from": "2026-11-05", "to": "2026-11-08"}]
    assert subscription(operator)["status"] == "ACTIVE"


def test_a_fee_is_charged_once(desk: Desk, clock: HandClock, operator: LumenValley, active: Saga) -> None:
    policy = SuspensionBilling(policy="fee", amount="15.00")  # type: ignore[arg-type]
    with with_network(desk, lifecycle=LifecycleBlock(suspension=policy)) as other:
        for _ in range(2):
            asked = suspend_service(other.hub, SERVICE, "walled", clock(), Wish(name="r-3", reason="not paid"))
            done(other, asked, clock)
    fees = [row for row in operator.running.books.billing["adjustments"] if row["reason"] == "fee: not paid"]
    assert [row["amount"] for row in fees] == ["15.00"]


def test_a_season_on_hold_and_awake_again(desk: Desk, clock: HandClock, operator: LumenValley, active: Saga) -> None:
    """Scenario 36: a price of its own from the day on which the hold is proven, and the usual one again."""
    held = done(desk, hold_service(desk.hub, SERVICE, clock(), Wish(name="winter")), clock)
    change = told_by(desk, held)["change_billing"]
    assert (change.fields["monthly_price"], change.fields["effective_on"]) == ("9.99", "2026-11-05")
    with pytest.raises(ConfigurationError, match="is walled and not after a suspend"):
        restore_service(desk.hub, SERVICE, clock(), Wish())
    clock.move(days=100)
    awake = done(desk, wake_service(desk.hub, SERVICE, clock(), Wish(name="spring")), clock)
    back = told_by(desk, awake)["change_billing"]
    assert (back.fields.get("monthly_price"), back.fields["effective_on"]) == (None, "2027-02-13")


def test_a_season_ends_on_its_day_by_itself(desk: Desk, network: ToldNetwork, clock: HandClock, active: Saga) -> None:
    """The day is that of the market: Riverbend's begins five hours after that of UTC."""
    with pytest.raises(ConfigurationError, match="cannot rest until 2026-11-05: name a day that is to come"):
        hold_service(desk.hub, SERVICE, clock(), Wish(name="winter"), until=date(2026, 11, 5))
    asked = hold_service(desk.hub, SERVICE, clock(), Wish(name="winter"), until=date(2027, 3, 1))
    held = done(desk, asked, clock)
    clock.now = datetime(2027, 3, 1, 4, 50, tzinfo=UTC)
    advance(desk)
    assert now_of(desk, held).id == newest(desk).id
    clock.now = datetime(2027, 3, 1, 5, 10, tzinfo=UTC)
    advance(desk)
    assert (newest(desk).kind, newest(desk).key) == ("wake", f"hold-{held.id}-ends/wake/1")
    awake = done(desk, newest(desk), clock)
    assert told_by(desk, awake)["change_billing"].fields["effective_on"] == "2027-03-01"
    clock.move(days=1)
    advance(desk)
    assert newest(desk).id == awake.id
    assert network.settings("aaa-1", SERVICE)["group"] == "fiber-500"  # type: ignore[index]


def test_a_terminal_is_swapped_without_any_money(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, active: Saga
) -> None:
    """Scenario 27: the new serial takes the place of the old one, which goes back to the store room."""
    billed = len(operator.running.write_log.of("billing"))
    asked = swap_device(desk.hub, SERVICE, NEW, clock(), Wish(name="job-5", reason="dead power supply"))
    advance(desk)
    assert now_of(desk, asked).step == "discover"
    network.unplug(ONT)
    network.plug(NEW, "1/1/1")
    clock.move(seconds=61)
    ended = done(desk, asked, clock)
    assert network.settings("olt-1", SERVICE)["serial"] == NEW  # type: ignore[index]
    assert network.places("acs-1") == {NEW: {"wifi.ssid": "home"}}
    assert [each.command for each in told_by(desk, ended).values()] == ["return_device"]
    back = operator.running.books.field_service["stock_movements"][-1]
    assert (back["serial"], back["type"]) == (ONT, "return")
    assert len(operator.running.write_log.of("billing")) == billed


def test_an_old_terminal_that_is_still_there_is_not_taken_for_the_new_one(
    desk: Desk, network: ToldNetwork, clock: HandClock, active: Saga
) -> None:
    """Scenario 11 at a repair: the service stays on the old one, and works."""
    asked = swap_device(desk.hub, SERVICE, NEW, clock(), Wish(name="job-5"))
    network.plug("CXNK00D4E5F7", "1/1/1")
    held = led_on(desk, asked, clock)
    assert (held.state, held.step) == ("held", "match")
    assert "one character apart" in held.reason
    assert network.settings("olt-1", SERVICE)["serial"] == ONT  # type: ignore[index]


@pytest.mark.parametrize("taken_along", [True, False])
def test_a_service_moves_without_a_gap_or_a_second_charge(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders, active: Saga,
    taken_along: bool,
) -> None:  # fmt: skip
    """Scenario 38: the line before goes when the new one is proven; one subscription all the time."""
    order, _ = orders.order(2)
    there = line(port="1/1/2", onu_id=9, username="olt-1 1/1/2:9")
    serial = None if taken_along else NEW
    keep(desk, str(active.order_number), Place("olt-1", "1/1/1", 1))
    asked = move_service(desk.hub, SERVICE, there, clock(), Wish(order_number=order), serial=serial)
    assert kept_places(desk) == [("1/1/1", 1), ("1/1/2", 9)]
    advance(desk)
    assert list(network.places("olt-1")) == ["olt-1 1/1/1 1"]
    billed = len(operator.running.write_log.of("billing"))
    network.plug(ONT if taken_along else NEW, "1/1/2")
    network.fail("acs-1", "away", times=1)
    clock.move(seconds=61)
    advance(desk)
    assert list(network.places("olt-1")) == ["olt-1 1/1/1 1", "olt-1 1/1/2 9"]
    ended = done(desk, asked, clock)
    assert list(network.places("olt-1")) == ["olt-1 1/1/2 9"]
    assert list(network.places("aaa-1")) == ["olt-1 1/1/2:9"]
    assert kept_places(desk) == [("1/1/2", 9)]
    assert list(network.places("acs-1")) == [ONT if taken_along else NEW]
    assert len(operator.running.write_log.of("billing")) == billed
    told = set(told_by(desk, ended))
    assert told == {"set_customer_status"} | (set() if taken_along else {"return_device"})


def test_nobody_moves_to_a_place_that_is_kept_for_somebody_else(
    desk: Desk, clock: HandClock, orders: Orders, active: Saga
) -> None:
    order, _ = orders.order(2)
    keep(desk, "SO-OTHER", Place("olt-1", "1/1/2", 1, first_id=9))
    there = line(port="1/1/2", onu_id=9, username="olt-1 1/1/2:9")
    with pytest.raises(UnsafeToContinue, match="olt-1 1/1/2 number 9 is kept for another order"):
        move_service(desk.hub, SERVICE, there, clock(), Wish(order_number=order))
    elsewhere = line(port="1/1/2", onu_id=10, username="olt-1 1/1/2:10")
    move_service(desk.hub, SERVICE, elsewhere, clock(), Wish(order_number=order))
    assert kept_places(desk) == [("1/1/2", 9), ("1/1/2", 10)]


def test_a_service_ends_and_its_device_is_collected(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders, active: Saga
) -> None:
    """RL-B03 the right way round: the network first, then the bill."""
    order, _ = orders.order(2)
    with pytest.raises(ConfigurationError, match="needs the number of its order"):
        cease_service(desk.hub, SERVICE, clock(), Wish())
    clock.move(days=3)
    ended = done(desk, cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order)), clock)
    assert [network.places(each) for each in ("olt-1", "aaa-1", "acs-1")] == [{}, {}, {}]
    told = told_by(desk, ended)
    assert told["stop_billing"].fields["ends_on"] == "2026-11-08"
    job = operator.running.books.field_service["work_orders"][-1]
    assert (job["type"], job["expected_serial"]) == ("disconnect", ONT)
    assert subscription(operator)["status"] == "CLOSED"
    assert cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order)) == ended
    with pytest.raises(ConfigurationError, match="has ended with saga"):
        suspend_service(desk.hub, SERVICE, "walled", clock(), Wish())


def test_who_had_left_before_pays_no_day_more(desk: Desk, clock: HandClock, orders: Orders, active: Saga) -> None:
    """Scenario 28: a cease that is heard of late counts from the day on which the customer left."""
    order, _ = orders.order(2)
    clock.move(days=9)
    left = clock().date().replace(day=10)
    with pytest.raises(ConfigurationError, match="begin it on 2026-11-15"):
        cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order, effective_on=left.replace(day=15)))
    ended = done(desk, cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order, effective_on=left)), clock)
    assert told_by(desk, ended)["stop_billing"].fields["ends_on"] == "2026-11-10"


def test_a_router_that_was_reset_gets_its_settings_again(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, active: Saga
) -> None:
    """Scenario 17: not a new install, no fee, no new start of charges."""
    clock.move(days=200)
    network.tell("acs-1", SERVICE, {"wifi.ssid": "factory"}, ONT)
    billed = len(operator.running.write_log.of("billing"))
    ended = done(desk, reapply_service(desk.hub, SERVICE, clock(), Wish(name="inform-88")), clock)
    assert network.settings("acs-1", SERVICE) == {"wifi.ssid": "home"}
    assert told_by(desk, ended) == {}
    assert len(operator.running.write_log.of("billing")) == billed
    assert reapply_service(desk.hub, SERVICE, clock(), Wish(name="inform-88")) == ended


def test_a_session_that_stays_on_is_ended_in_the_end(
    desk: Desk, network: ToldNetwork, clock: HandClock, active: Saga
) -> None:
    """Scenario 20: an order that is acknowledged and not done; each try is in the history."""
    network.fail("aaa-1", "keeps_session", times=4)
    began, _ = network.session(SERVICE)
    suspended = done(desk, suspend_service(desk.hub, SERVICE, "walled", clock(), Wish(name="r-3")), clock)
    assert network.session(SERVICE)[0] > began
    said = [words for step, event, words in story(desk, suspended) if (step, event) == ("end_session", "waited")]
    assert [words.rpartition(";")[2].strip() for words in said] == [
        "it was told to end again (time 1)",
        "it was told to end again (time 2)",
        "its port is shut",
    ]
    assert network.settings("olt-1", SERVICE)["enabled"] is True  # type: ignore[index]


def test_what_the_hub_does_not_know_is_told_clearly(desk: Desk, clock: HandClock, active: Saga) -> None:
    with pytest.raises(ConfigurationError, match="has brought nothing of that number to life"):
        suspend_service(desk.hub, "4711", "walled", clock(), Wish())
    with pytest.raises(ConfigurationError, match="is active and not after a suspend"):
        restore_service(desk.hub, SERVICE, clock(), Wish())
    with pytest.raises(ConfigurationError, match="the catalogue knows no offering"):
        change_tier(desk.hub, SERVICE, "fiber-9", clock(), Wish())
    with pytest.raises(ConfigurationError, match="no serial of a terminal"):
        swap_device(desk.hub, SERVICE, "?", clock(), Wish())


def test_one_thing_at_a_time_and_an_attempt_that_was_brought_back_may_be_made_again(
    desk: Desk, network: ToldNetwork, clock: HandClock, active: Saga
) -> None:
    network.fail("aaa-1", "refuses")
    held = led_on(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-1")), clock)
    assert held.state == "held"
    with pytest.raises(UnsafeToContinue, match="is under way"):
        suspend_service(desk.hub, SERVICE, "walled", clock(), Wish(name="r-3"))
    cancel(desk.hub, held.id, clock(), actor="network engineer", why="the group is missing")
    assert led_on(desk, held, clock).state == "undone"
    assert network.settings("olt-1", SERVICE)["down_mbps"] == 500  # type: ignore[index]
    assert told_by(desk, held) == {}
    again = done(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-1")), clock)
    assert again.key == "call-1/change_tier/2"
    assert kinds(desk) == [("activate", "done"), ("change_tier", "undone"), ("change_tier", "done")]


def test_a_lease_outlives_what_an_element_keeps_unconfirmed(desk: Desk) -> None:
    """Otherwise another process would look while a change of a dead one is about to be taken back."""
    assert desk.lease > UNCONFIRMED_FOR
    with pytest.raises(ValueError, match="ends before an element has taken back"):
        Desk(desk.hub, desk.network, desk.open_driver, desk.clock, desk.may_act, lease=UNCONFIRMED_FOR)
