"""The provisioning profile: refused where the network could not do it, compared setting by setting."""

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.profile import Bandwidth, ProvisioningProfile, Vlans, Voice, profile_difference

VOICE = Voice(sip_user="5405550123", sip_server="sip.example.net", secret_reference="env:SIP_5405550123")


def profile(**facts: Any) -> ProvisioningProfile:
    known = {
        "technology": "pon",
        "offering_id": "silver",
        "version": "tables-1",
        "aaa_group": "silver",
        "vlans": Vlans(outer=100),
        "bandwidth": Bandwidth(down_maximum=500, up_maximum=500),
    }
    return ProvisioningProfile(**(known | facts))


def test_a_profile_is_no_different_from_itself() -> None:
    assert profile_difference(profile(), profile()) == {}


def test_a_difference_names_each_setting_with_both_values() -> None:
    faster = profile(offering_id="gold", bandwidth=Bandwidth(down_maximum=1000, up_maximum=500, up_assured=10))

    assert profile_difference(profile(), faster) == {
        "bandwidth.down_maximum": (500, 1000),
        "bandwidth.up_assured": (0, 10),
        "offering_id": ("silver", "gold"),
    }


def test_a_first_profile_is_all_new() -> None:
    difference = profile_difference(None, profile())

    assert difference["vlans.outer"] == (None, 100)
    assert difference["aaa_group"] == (None, "silver")
    assert all(before is None for before, _ in difference.values())


def test_a_voice_line_that_comes_or_goes_is_told_by_its_parts() -> None:
    comes = profile_difference(profile(), profile(voice=VOICE))
    goes = profile_difference(profile(voice=VOICE), profile())

    assert comes["voice.sip_user"] == (None, "5405550123")
    assert goes["voice.sip_user"] == ("5405550123", None)


def test_a_radius_attribute_is_a_setting() -> None:
    before = profile(aaa_attributes={"Filter-Id": "a", "Session-Timeout": "600"})
    after = profile(aaa_attributes={"Filter-Id": "b", "Class": "x"})

    assert profile_difference(before, after) == {
        "aaa_attributes.Class": (None, "x"),
        "aaa_attributes.Filter-Id": ("a", "b"),
        "aaa_attributes.Session-Timeout": ("600", None),
    }


def test_turning_round_a_difference_turns_round_its_values() -> None:
    one, other = profile(), profile(vlans=Vlans(outer=100, inner=7), aaa_group="gold")
    there, back = profile_difference(one, other), profile_difference(other, one)

    assert there
    assert {name: (after, before) for name, (before, after) in there.items()} == back


@pytest.mark.parametrize(
    ("build", "key"),
    [
        (lambda: Vlans(outer=0), "outer"),
        (lambda: Vlans(outer=100, inner=4095), "inner"),
        (lambda: Bandwidth(down_maximum=0, up_maximum=10), "down_maximum"),
        (lambda: Bandwidth(down_maximum=10, up_maximum=10, up_assured=-1), "up_assured"),
        (lambda: profile(vendor_quirk="x"), "vendor_quirk"),
    ],
)
def test_what_no_network_can_do_is_refused_by_key(build: Any, key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        build()
    assert [error["loc"] for error in refused.value.errors()] == [(key,)]


def test_no_more_is_assured_than_is_allowed() -> None:
    with pytest.raises(ValidationError, match="assured 60 Mbit/s is above the maximum 50 Mbit/s"):
        Bandwidth(down_maximum=100, up_maximum=50, up_assured=60)


@pytest.mark.parametrize("secret", ["hunter2", "", "env:", "vault:sip"])
def test_a_secret_is_never_in_a_profile_only_where_it_lies(secret: str) -> None:
    with pytest.raises(ValidationError, match="secret_reference"):
        Voice(sip_user="a", sip_server="b", secret_reference=secret)
