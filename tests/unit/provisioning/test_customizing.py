"""What a subscriber may have otherwise on his router, and what he may not."""

from typing import Any

import pytest

from provisioning.customizing import SettingForm, customized
from tests.fakes.lines import profile

ALLOWED: dict[str, SettingForm] = {"wifi.ssid": "text", "wifi.channel": "number", "wifi.on": "switch"}


def own(asked: dict[str, str], **given: Any) -> dict[str, Any]:
    return customized(profile(**given), ALLOWED, asked).customizations


def test_each_setting_has_its_form() -> None:
    assert own({"wifi.ssid": "Nest 12", "wifi.channel": "36", "wifi.on": "Off"}) == {
        "wifi.ssid": "Nest 12",
        "wifi.channel": 36,
        "wifi.on": False,
    }


def test_what_is_not_spoken_of_stays_and_the_operators_own_stays_known() -> None:
    changed = customized(profile(customizations={"wifi.channel": 36}), ALLOWED, {"wifi.ssid": "Nest"})
    assert changed.router == {"wifi.ssid": "Nest", "wifi.channel": 36}
    assert changed.cpe == {"wifi.ssid": "home"}


def test_empty_goes_back_to_the_operators() -> None:
    assert own({"wifi.ssid": ""}, customizations={"wifi.ssid": "Nest"}) == {}
    with pytest.raises(ValueError, match="no value of the operator's to go back to"):
        own({"wifi.channel": ""}, customizations={"wifi.channel": 36})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"dns": "10.0.0.1"}, "dns may not be set for one subscriber: wifi.channel, wifi.on, wifi.ssid may"),
        ({"wifi.channel": "auto"}, "a whole number is expected"),
        ({"wifi.on": "maybe"}, "on or off is expected"),
        ({"wifi.ssid": "env:SPLICE_DATABASE"}, "may not name a secret"),
        ({"wifi.ssid": "file:/etc/shadow"}, "may not name a secret"),
        ({"wifi.ssid": "a\x07b"}, "printable"),
        ({"wifi.ssid": "a" * 257}, "at most 256"),
    ],
)
def test_anything_else_is_refused(asked: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        own(asked)
