"""Lines of others, held against what the hub would have told them."""

from typing import Any

import pytest

from provisioning.adopting import as_shown
from provisioning.line import Layer, Observation, Settings
from provisioning.profile import ProvisioningProfile
from provisioning.standing import wanted
from tests.fakes.lines import facts, line, profile

OURS = facts(line=line(serial="CXNK00A1B2C3"))


def shown(**otherwise: dict[str, Any] | None) -> dict[Layer, Observation]:
    """What every layer would hold if the hub had told it, but for some settings."""
    found: dict[Layer, Observation] = {}
    for layer in ("access", "aaa", "cpe"):
        changes = otherwise.get(layer, {})
        settings: Settings = dict(wanted(layer, "active", OURS.line, OURS.profile) or {})
        found[layer] = Observation(None if changes is None else {**settings, **changes})
    return found


def test_what_is_the_same_has_the_profile_of_the_tables() -> None:
    assert as_shown(OURS, shown(), ()) == OURS.profile


def test_its_tags_are_its_own() -> None:
    found = as_shown(OURS, shown(access={"outer_vlan": 41, "inner_vlan": 42}), ())
    assert isinstance(found, ProvisioningProfile)
    assert (found.vlans.outer, found.vlans.inner, found.has_own_vlans) == (41, 42, True)
    assert found.model_copy(update={"vlans": profile().vlans, "has_own_vlans": False}) == OURS.profile


def test_what_the_subscriber_may_have_otherwise_is_his_wish() -> None:
    otherwise = shown(cpe={"wifi.ssid": "Nest"})
    assert as_shown(OURS, otherwise, ()) == ("cpe: wifi.ssid",)
    found = as_shown(OURS, otherwise, ("wifi.ssid",))
    assert isinstance(found, ProvisioningProfile)
    assert found.router == {"wifi.ssid": "Nest"}


@pytest.mark.parametrize("layer", ["access", "aaa", "cpe"])
def test_a_layer_that_holds_nothing_is_told(layer: Layer) -> None:
    assert as_shown(OURS, shown(**{layer: None}), ()) == (f"{layer}: it holds nothing of the line",)


def test_everything_that_differs_is_told_and_no_secret_is() -> None:
    otherwise = shown(access={"up_mbps": 50}, aaa={"Cleartext-Password": "hunter2"}, cpe={"wifi.ssid": "s3cret"})
    assert as_shown(OURS, otherwise, ()) == (
        "access: up_mbps is 50 instead of 500",
        "aaa: Cleartext-Password beside",
        "cpe: wifi.ssid",
    )


def test_layers_that_nobody_is_told_of_are_not_asked() -> None:
    found = as_shown(OURS, {"access": shown()["access"]}, ())
    assert isinstance(found, ProvisioningProfile)
