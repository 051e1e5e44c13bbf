"""Routers that were reset are told their settings again before anybody calls: once, and only where the hub may."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from canonical_model.errors import RetryableError
from handoffs.stages import Authority, Mandate
from hub.network_watch.resets import Resets, reapply_after_resets
from hub.sagas.asking_settings import customize_service
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from hub.takeover.authority import MayAct
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import SERVICE, Orders, active_service, done, told_by
from tests.fakes.lines import ONT
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork


@dataclass
class Acs:
    """A server of routers that remembers resets."""

    at: dict[str, datetime] = field(default_factory=dict)
    is_away: bool = False
    closed: int = 0

    def resets_since(self, at: datetime) -> Mapping[str, datetime]:
        if self.is_away:
            raise RetryableError("rb-acs: cannot be reached")
        return {service: moment for service, moment in self.at.items() if moment > at}

    def close(self) -> None:
        self.closed += 1


def looked(desk: Desk, acs: Acs, clock: HandClock, may_act: MayAct | None = None) -> Resets:
    return reapply_after_resets(desk.hub, "riverbend", clock(), may_act or desk.may_act, lambda _: acs)  # type: ignore[return-value,arg-type]


@pytest.fixture
def living(desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley) -> datetime:
    """A service that works; when its router first spoke."""
    first = clock()
    active_service(desk, network, clock, Orders(operator).wish())
    clock.move(days=2)
    return first


def test_a_router_that_was_reset_gets_its_own_settings_again_once(
    desk: Desk, network: ToldNetwork, clock: HandClock, living: datetime
) -> None:
    done(desk, customize_service(desk.hub, SERVICE, {"wifi_name": "Nest"}, clock(), Wish(name="call")), clock)
    clock.move(days=1)
    network.tell("acs-1", SERVICE, {"wifi.ssid": "factory"}, ONT)
    acs = Acs({SERVICE: clock() - timedelta(hours=1), "somebody": clock()})
    (saga,) = looked(desk, acs, clock).begun
    assert looked(desk, acs, clock).begun == [saga], "the same reset is the same wish"
    ended = done(desk, saga, clock)
    assert network.settings("acs-1", SERVICE) == {"wifi.ssid": "home", "wifi_name": "Nest"}
    assert told_by(desk, ended) == {}
    clock.move(hours=1)
    assert looked(desk, acs, clock).begun == [], "it was told since"
    acs.at[SERVICE] = clock()
    assert len(looked(desk, acs, clock).begun) == 1, "another reset is another wish"
    assert acs.closed == 4


def test_the_first_connection_of_a_router_is_no_reset_of_it(desk: Desk, clock: HandClock, living: datetime) -> None:
    assert looked(desk, Acs({SERVICE: living}), clock).begun == []


def test_what_is_long_ago_or_of_another_market_is_left_alone(desk: Desk, clock: HandClock, living: datetime) -> None:
    assert looked(desk, Acs({SERVICE: clock() - timedelta(days=8)}), clock).begun == []
    acs = Acs({SERVICE: clock()})
    assert reapply_after_resets(desk.hub, "northshore", clock(), desk.may_act, lambda _: acs) == Resets()  # type: ignore[return-value,arg-type]


def test_where_legacy_owns_the_service_so_does_its_router(desk: Desk, clock: HandClock, living: datetime) -> None:
    def legacy(market: str, mandate: Mandate, work: str) -> Authority:
        return replace(desk.may_act(market, mandate, work), actor="legacy")

    assert looked(desk, Acs({SERVICE: clock()}), clock, legacy).begun == []


def test_a_server_that_is_away_is_told_and_asked_again_later(desk: Desk, clock: HandClock, living: datetime) -> None:
    acs = Acs({SERVICE: clock()}, is_away=True)
    assert looked(desk, acs, clock).away == "rb-acs: cannot be reached"
    acs.is_away = False
    assert len(looked(desk, acs, clock).begun) == 1
