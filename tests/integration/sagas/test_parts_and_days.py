"""What is billed from which day: parts that follow later, soaks over midnight, breaks within a soak."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.sagas.advance import advance
from hub.sagas.asking import cease_service, change_tier, restore_service, suspend_service
from hub.sagas.beginning import begin_saga
from hub.sagas.decisions import cancel
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from provisioning.facts import SagaFacts, SuspensionBilling
from provisioning.network_file import LifecycleBlock, VerificationBlock
from provisioning.profile import Voice
from storage.sagas import Saga, sagas
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import (
    GROUPS,
    SERVICE,
    Orders,
    active_service,
    done,
    facts_of,
    led_on,
    now_of,
    told_by,
    with_network,
)
from tests.fakes.lines import ONT, profile
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

ROUTER = {"wifi.ssid": "home"}


@pytest.fixture
def orders(operator: LumenValley) -> Orders:
    return Orders(operator)


@pytest.fixture
def talking(orders: Orders) -> SagaFacts:
    """An order for access and a telephone."""
    voice = Voice(sip_user="7000001", sip_server="sip.lumen.example", secret_reference="env:SIP")
    made = profile(standing_groups=GROUPS, voice=voice)
    return orders.wish(profile=made, voice_offering_id="voice")


@pytest.fixture
def soaking(desk: Desk) -> Iterator[Desk]:
    """A desk that waits for half an hour of working."""
    block = VerificationBlock(technology="pon", checks=("registered", "serial", "session", "soak"), soak_minutes=30)
    with with_network(desk, verification=(block,)) as opened:
        yield opened


def last(desk: Desk, kind: str) -> Saga:
    with desk.hub.database.reading() as connection:
        return [each for each in sagas(connection, service_id=SERVICE) if each.kind == kind][-1]


def starts(operator: LumenValley) -> list[tuple[str, str]]:
    """Code and first day of everything whose billing the hub has started."""
    return [(row["planCode"], row["startDate"]) for row in billed(operator)]


def billed(operator: LumenValley) -> list[dict[str, Any]]:
    """The subscriptions that the hub has begun."""
    rows = operator.running.books.billing["subscriptions"]
    return [row for row in rows if row["subscriptionId"].startswith("SH")]


def test_data_is_billed_and_the_telephone_follows_on_its_own_day(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, talking: SagaFacts
) -> None:
    """Scenario 14: data up, voice down."""
    saga = active_service(desk, network, clock, talking)
    assert facts_of(saga).missing_parts == {"voice": "nothing tells of the telephone"}
    assert starts(operator) == [("INT-FBR-0500", "2026-11-05")]
    waiting = last(desk, "activate_voice")
    clock.move(days=2)
    advance(desk)
    network.tell("acs-1", SERVICE, {**ROUTER, "voice_up": True}, ONT)
    ended = done(desk, waiting, clock)
    assert starts(operator) == [("INT-FBR-0500", "2026-11-05"), ("ADD-VOICE", "2026-11-07")]
    assert list(told_by(desk, ended)) == ["start_billing_of_voice"]
    assert facts_of(ended).missing_parts == {}


def test_both_start_together_where_both_work(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, talking: SagaFacts
) -> None:
    network.tell("acs-1", SERVICE, {**ROUTER, "voice_up": True}, ONT)
    active_service(desk, network, clock, talking)
    assert starts(operator) == [("INT-FBR-0500", "2026-11-05"), ("ADD-VOICE", "2026-11-05")]
    with desk.hub.database.reading() as connection:
        assert [each.kind for each in sagas(connection, service_id=SERVICE)] == ["activate"]


def test_a_missing_telephone_keeps_nobody_waiting(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, talking: SagaFacts
) -> None:
    """It steps aside for another tier, and begins again afterwards; billed once in the end."""
    active_service(desk, network, clock, talking)
    done(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-1")), clock)
    again = last(desk, "activate_voice")
    assert again.state == "running"
    suspended = done(desk, suspend_service(desk.hub, SERVICE, "walled", clock(), Wish(name="r-1")), clock)
    assert last(desk, "activate_voice").state == "undone"
    assert facts_of(suspended).missing_parts
    done(desk, restore_service(desk.hub, SERVICE, clock(), Wish(name="p-1")), clock)
    network.tell("acs-1", SERVICE, {**ROUTER, "voice_up": True}, ONT)
    clock.move(seconds=61)
    done(desk, last(desk, "activate_voice"), clock)
    assert [code for code, _ in starts(operator)].count("ADD-VOICE") == 1


def test_a_missing_telephone_is_waited_for_again_where_what_came_first_was_given_up(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, talking: SagaFacts
) -> None:
    active_service(desk, network, clock, talking)
    network.fail("olt-1", "refuses", times=1)
    held = led_on(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-1")), clock)
    assert (held.state, last(desk, "activate_voice").state) == ("held", "undone")
    cancel(desk.hub, held.id, clock(), actor="dora", why="not today")
    assert led_on(desk, held, clock).state == "undone"
    assert last(desk, "activate_voice").state == "running"
    network.tell("acs-1", SERVICE, {**ROUTER, "voice_up": True}, ONT)
    done(desk, last(desk, "activate_voice"), clock)
    assert [code for code, _ in starts(operator)].count("ADD-VOICE") == 1


def test_what_goes_with_an_access_is_billed_no_longer_than_it(
    desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, talking: SagaFacts
) -> None:
    """A telephone and an address have subscriptions of their own, which rest, go on and end on the access's days."""
    network.tell("acs-1", SERVICE, {**ROUTER, "voice_up": True}, ONT)
    wish = talking.model_copy(update={"extra_offering_ids": ("static-ip",)})
    order = active_service(desk, network, clock, wish).order_number
    assert starts(operator) == [(code, "2026-11-05") for code in ("INT-FBR-0500", "ADD-IPV4", "ADD-VOICE")]
    with with_network(desk, lifecycle=LifecycleBlock(suspension=SuspensionBilling(policy="stop"))) as other:
        done(other, suspend_service(other.hub, SERVICE, "walled", clock(), Wish(name="r-1")), clock)
    assert [row["status"] for row in billed(operator)] == ["SUSPENDED"] * 3
    clock.move(days=3)
    done(desk, restore_service(desk.hub, SERVICE, clock(), Wish(name="p-1")), clock)
    assert [row["status"] for row in billed(operator)] == ["ACTIVE"] * 3
    done(desk, cease_service(desk.hub, SERVICE, clock(), Wish(order_number=order)), clock)
    assert [(row["status"], row["endDate"]) for row in billed(operator)] == [("CLOSED", "2026-11-07")] * 3


def test_a_soak_over_midnight_is_billed_from_the_day_on_which_it_began(
    soaking: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders
) -> None:
    """It worked from 23:45 in Riverbend on without a break, which the soak has shown by 00:15."""
    clock.now = datetime(2026, 11, 6, 4, 45, tzinfo=UTC)
    saga = begin_saga(soaking.hub, "activate", orders.wish(), clock())
    network.plug(ONT, "1/1/1")
    ended = done(soaking, saga, clock, rounds=60)
    verified = facts_of(ended).verified_at
    assert verified is not None
    assert verified >= datetime(2026, 11, 6, 5, 15, tzinfo=UTC)
    assert starts(operator) == [("INT-FBR-0500", "2026-11-05")]


def test_a_soak_counts_no_time_in_which_nobody_looked(
    soaking: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders
) -> None:
    """It worked from 23:45 on; the workers were away from 23:50 to 00:20, and nobody knows what was in between."""
    clock.now = datetime(2026, 11, 6, 4, 45, tzinfo=UTC)
    saga = begin_saga(soaking.hub, "activate", orders.wish(), clock())
    network.plug(ONT, "1/1/1")
    assert led_on(soaking, saga, clock, rounds=5).step == "soak"
    seen = facts_of(now_of(soaking, saga)).watched_at
    assert seen is not None
    clock.now = datetime(2026, 11, 6, 5, 20, tzinfo=UTC)
    advance(soaking)
    waits = now_of(soaking, saga)
    assert waits.reason.startswith(f"nobody looked from {seen:%H:%M} to 05:20 UTC, so that the time begins anew")
    assert facts_of(waits).working_since == clock()
    assert {each.seen_at for each in facts_of(waits).evidence} == {clock()}
    ended = facts_of(done(soaking, saga, clock, rounds=60))
    assert ended.verified_at is not None
    assert ended.verified_at >= datetime(2026, 11, 6, 5, 50, tzinfo=UTC)
    assert starts(operator) == [("INT-FBR-0500", "2026-11-06")]


def test_a_gap_that_the_operator_allows_counts(
    desk: Desk, network: ToldNetwork, clock: HandClock, orders: Orders
) -> None:
    checks = ("registered", "serial", "session", "soak")
    block = VerificationBlock(technology="pon", checks=checks, soak_minutes=30, unwatched_minutes=40)
    with with_network(desk, verification=(block,)) as opened:
        saga = begin_saga(opened.hub, "activate", orders.wish(), clock())
        network.plug(ONT, "1/1/1")
        advance(opened)
        clock.move(minutes=31)
        assert facts_of(done(opened, saga, clock, rounds=4)).verified_at is not None


def test_a_break_within_the_soak_begins_the_time_anew(
    soaking: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley, orders: Orders
) -> None:
    """Scenario 30: it went down at 23:55 and came back at 00:05."""
    clock.now = datetime(2026, 11, 6, 4, 45, tzinfo=UTC)
    saga = begin_saga(soaking.hub, "activate", orders.wish(), clock())
    network.plug(ONT, "1/1/1")
    advance(soaking)
    clock.now = datetime(2026, 11, 6, 4, 55, tzinfo=UTC)
    network.unplug(ONT)
    assert led_on(soaking, saga, clock, rounds=2).step == "soak"
    clock.now = datetime(2026, 11, 6, 5, 5, tzinfo=UTC)
    network.plug(ONT, "1/1/1")
    done(soaking, saga, clock, rounds=60)
    assert starts(operator) == [("INT-FBR-0500", "2026-11-06")]
