"""Profiles out of network.yaml: offering x technology x vendor x market, and what every layer is told of one."""

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.network_file import NetworkFile
from provisioning.profile_making import ProfileRequest, make_profile
from provisioning.standing import wanted
from tests.fakes.lines import line

TIERS = [{"offering": "silver", "down": 500, "up": 250, "up_assured": 10, "aaa_group": "tier-500"}]
BLOCKS = [
    {
        "technology": "pon",
        "vlans": {"outer": 100, "inner_from": 1000},
        "tiers": TIERS,
        "cpe": {"wifi": True, "dns": "a"},
    },
    {"technology": "pon", "variant": "calix_axos", "vlans": {"outer": 200}, "tiers": TIERS},
    {
        "technology": "pon",
        "markets": ["hill"],
        "vlans": {"outer": 300},
        "tiers": [{**TIERS[0], "down": 400}],
        "standing_groups": {"walled": "garden"},
    },
]


def network(**given: Any) -> NetworkFile:
    return NetworkFile.model_validate({"profiles": BLOCKS, **given})


def asked(**given: Any) -> ProfileRequest:
    facts = {"market": "town", "technology": "pon", "variant": "tr385", "offering_id": "silver", "onu_id": 7}
    return ProfileRequest(**(facts | given))


def test_a_vendors_block_goes_before_the_general_one_and_a_markets_before_all() -> None:
    outer = {
        variant: make_profile(network(), "1", asked(variant=variant)).vlans.outer  # type: ignore[union-attr]
        for variant in ("tr385", "calix_axos")
    }
    assert outer == {"tr385": 100, "calix_axos": 200}
    hill = make_profile(network(), "1", asked(market="hill"))
    assert hill is not None
    assert (hill.vlans.outer, hill.bandwidth.down_maximum) == (300, 400)


def test_a_profile_says_what_the_tables_say() -> None:
    made = make_profile(network(), "v7", asked(customizations={"dns": "b"}))
    assert made is not None
    assert made.model_dump(exclude_defaults=True) == {
        "technology": "pon",
        "offering_id": "silver",
        "version": "v7",
        "vlans": {"outer": 100, "inner": 1007},
        "bandwidth": {"down_maximum": 500, "up_maximum": 250, "up_assured": 10},
        "aaa_group": "tier-500",
        "cpe": {"wifi": True, "dns": "a"},
        "customizations": {"dns": "b"},
    }


def test_what_a_subscriber_wants_otherwise_goes_before_what_the_operator_has() -> None:
    made = make_profile(network(), "v7", asked(customizations={"dns": "b"}))
    assert made is not None
    assert wanted("cpe", "active", line(), made) == {"wifi": True, "dns": "b"}


def test_what_no_table_knows_has_no_profile() -> None:
    assert make_profile(network(), "1", asked(offering_id="gold")) is None
    assert make_profile(network(), "1", asked(technology="fixed_wireless")) is None


def test_a_number_that_no_tag_has_is_told() -> None:
    with pytest.raises(ValueError, match="terminal 3095: its inner VLAN would be 4095"):
        make_profile(network(), "1", asked(onu_id=3095))


@pytest.mark.parametrize(("standing", "group"), [("active", "tier-500"), ("walled", "garden")])
def test_a_standing_is_a_group_in_aaa(standing: Any, group: str) -> None:
    made = make_profile(network(), "1", asked(market="hill"))
    assert made is not None
    told = wanted("aaa", standing, line(), made)
    assert told == {"group": group}


def test_a_blocked_line_stays_configured_and_an_ended_one_does_not() -> None:
    made = make_profile(network(), "1", asked())
    assert made is not None
    blocked = wanted("access", "blocked", line(), made)
    assert blocked is not None
    assert blocked["enabled"] is False
    assert [wanted(layer, "ended", line(), made) for layer in ("access", "aaa", "cpe")] == [None] * 3


def test_a_tier_that_assures_more_than_it_allows_is_refused() -> None:
    with pytest.raises(ValidationError, match="assures 300"):
        make_profile(network(profiles=[{**BLOCKS[0], "tiers": [{**TIERS[0], "up_assured": 300}]}]), "1", asked())
