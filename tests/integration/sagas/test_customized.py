"""What a subscriber wants of his router otherwise belongs to his service, whatever else happens to it."""

from datetime import timedelta

import pytest

from canonical_model.errors import ConfigurationError
from hub.sagas.asking import change_tier, reapply_service, swap_device
from hub.sagas.asking_settings import customize_service, settings_in
from hub.sagas.decisions import cancel
from hub.sagas.desk import Desk
from hub.sagas.known_services import known_service
from hub.sagas.wishes import Wish
from storage.sagas import Saga
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import SERVICE, Orders, active_service, done, led_on, told_by
from tests.fakes.lines import ONT
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

OTHER = "CXNK00D4E5F6"
CALL = Wish(name="call-1")


@pytest.fixture
def living(desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley) -> Saga:
    saga = active_service(desk, network, clock, Orders(operator).wish())
    clock.now += timedelta(days=2)
    return saga


def router(network: ToldNetwork) -> dict[str, object]:
    return dict(network.settings("acs-1", SERVICE) or {})


def customize(desk: Desk, clock: HandClock, wish: Wish = CALL, **settings: str) -> Saga:
    return customize_service(desk.hub, SERVICE, settings, clock(), wish)


def test_the_router_is_told_and_nobody_else(desk: Desk, network: ToldNetwork, clock: HandClock, living: Saga) -> None:
    asked = customize(desk, clock, wifi_name="Nest 12")
    assert customize(desk, clock, wifi_name="Nest 12").id == asked.id, "it is the same wish"
    ended = done(desk, asked, clock)
    assert router(network) == {"wifi.ssid": "home", "wifi_name": "Nest 12"}
    assert told_by(desk, ended) == {}
    assert customize(desk, clock, Wish(name="call-2"), wifi_name="Nest 12").id == ended.id, "it is so already"


def test_another_router_another_tier_and_a_reset_bring_it_along(
    desk: Desk, network: ToldNetwork, clock: HandClock, living: Saga
) -> None:
    done(desk, customize(desk, clock, wifi_name="Nest 12"), clock)
    network.tell("acs-1", SERVICE, {"wifi_name": "factory"}, ONT)
    done(desk, reapply_service(desk.hub, SERVICE, clock(), Wish(name="inform-1")), clock)
    assert router(network)["wifi_name"] == "Nest 12"

    done(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-2")), clock)
    assert router(network)["wifi_name"] == "Nest 12"
    assert router(network)["wifi_on"] is True, "and what the operator has by now for everybody"

    asked = swap_device(desk.hub, SERVICE, OTHER, clock(), Wish(name="broken"))
    network.unplug(ONT)
    network.plug(OTHER, "1/1/1")
    done(desk, asked, clock)
    assert router(network)["wifi_name"] == "Nest 12"
    assert known_service(desk.hub, SERVICE).facts.line.serial == OTHER


def test_with_nothing_said_the_operators_own_is_back(
    desk: Desk, network: ToldNetwork, clock: HandClock, living: Saga
) -> None:
    done(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-0")), clock)
    done(desk, customize(desk, clock, wifi_on="off"), clock)
    assert router(network)["wifi_on"] is False
    done(desk, customize(desk, clock, Wish(name="call-2"), wifi_on=""), clock)
    assert router(network)["wifi_on"] is True


def test_what_a_router_does_not_show_was_not_done_and_is_not_kept(
    desk: Desk, network: ToldNetwork, clock: HandClock, living: Saga
) -> None:
    network.fail("acs-1", "refuses", times=100)
    asked = led_on(desk, customize(desk, clock, wifi_name="Nest 12"), clock)
    assert asked.state == "held"
    network.fail("acs-1", "refuses", times=0)
    cancel(desk.hub, asked.id, clock(), actor="ann", why="too long")
    led_on(desk, asked, clock)
    assert "wifi_name" not in router(network)
    assert known_service(desk.hub, SERVICE).facts.profile.customizations == {}


@pytest.mark.parametrize(
    ("said", "refused"),
    [(["wifi_name"], "a setting like"), (["=x"], "a setting like"), (["a=1", "a=2"], "a is said twice")],
)
def test_what_is_typed_wrongly_is_told(said: list[str], refused: str) -> None:
    assert settings_in(["wifi_name=a=b", "wifi_on="]) == {"wifi_name": "a=b", "wifi_on": ""}
    with pytest.raises(ConfigurationError, match=refused):
        settings_in(said)
