"""``network.yaml``: each fault is told with its place, all at once."""

from typing import Any

import pytest
import yaml

from canonical_model.catalogue import Catalogue
from canonical_model.errors import Fault
from canonical_model.markets import Market
from hub.operator_folder.network_block import read_network
from provisioning.network_file import NetworkFile

MARKET = Market(id="town", name="Town", zone="America/Denver", currency="USD", technology="pon")
CATALOGUE = Catalogue.model_validate(
    {
        "proration": {"town": "actual_actual"},
        "offerings": [
            {
                "id": name,
                "charge": "access",
                "delivered_by": "access",
                "technologies": [technology],
                "prices": [{"amount": 50, "valid_from": "2020-01-01"}],
            }
            for name, technology in (("silver", "pon"), ("air", "fixed_wireless"))
        ],
    }
)
TIER = {"offering": "silver", "down": 500, "up": 250, "aaa_group": "silver"}


def good() -> dict[str, Any]:
    return {
        "elements": {
            "olt-1": {
                "driver": "netconf_bbf",
                "variant": "calix_axos",
                "address": "env:OLT",
                "confirm_by": "olt-1",
                "options": {"username": "us"},
                "secrets": {"password": "env:PW"},
            },
            "aaa-1": {"driver": "radius_sql", "address": "env:AAA"},
        },
        "layers": {"town": {"aaa": "aaa-1"}},
        "profiles": [{"technology": "pon", "vlans": {"outer": 100}, "tiers": [TIER]}],
        "verification": [{"technology": "pon"}],
    }


def faults_of(content: dict[str, Any]) -> list[str]:
    faults: list[Fault] = []
    read_network(yaml.safe_dump(content), {"town": MARKET}, CATALOGUE, faults, {"olt-1": "snmp", "crm": "rest"})
    return [f"{each.key}: {each.problem}" for each in faults]


def test_a_good_file_has_no_fault_and_none_provisions_nothing() -> None:
    assert faults_of(good()) == []
    assert read_network(None, {"town": MARKET}, CATALOGUE, [], {}) == NetworkFile()


@pytest.mark.parametrize(
    ("steps", "value", "told"),
    [
        (("elements", "olt-1", "driver"), "netconf_bff", "elements.olt-1.driver: there is no driver netconf_bff"),
        (("elements", "olt-1", "variant"), "calix_axis", "elements.olt-1.variant: netconf_bbf knows no variant"),
        (("elements", "olt-1", "market"), "twon", "elements.olt-1.market: there is no market twon"),
        (("elements", "olt-1", "options"), {}, "elements.olt-1: netconf_bbf needs options: username"),
        (
            ("elements", "olt-1", "options"),
            {"username": "us", "password": "x"},
            "elements.olt-1.options.password: belongs under secrets",
        ),
        (
            ("elements", "olt-1", "secrets"),
            {"pasword": "env:X"},
            "elements.olt-1.secrets.pasword: is no secret of netconf_bbf",
        ),
        (("elements", "olt-1", "confirm_by"), "olt-2", "elements.olt-1.confirm_by: operator.yaml has no SNMP system"),
        (("elements", "olt-1", "confirm_by"), "crm", "elements.olt-1.confirm_by: operator.yaml has no SNMP system"),
        (("layers", "twon"), {}, "layers.twon: there is no market twon"),
        (("layers", "town", "aaa"), "aaa-2", "layers.town.aaa: there is no element aaa-2"),
        (("layers", "town", "cpe"), "aaa-1", "layers.town.cpe: aaa-1 is told of the layer aaa, not of cpe"),
        (("profiles", 0, "variant"), "calix", "profiles.0.variant: no driver knows a variant calix"),
        (("profiles", 0, "markets"), ["twon"], "profiles.0.markets.0: there is no market twon"),
        (("verification", 0, "markets"), ["twon"], "verification.0.markets.0: there is no market twon"),
        (("verification",), [], "profiles.0.technology: verification states nothing for pon"),
        (
            ("profiles", 0, "tiers"),
            [{**TIER, "offering": "silvr"}],
            "profiles.0.tiers.0: the catalogue has no offering",
        ),
        (("profiles", 0, "tiers"), [{**TIER, "offering": "air"}], "profiles.0.tiers.0: air is not sold on pon"),
        (("profiles", 0, "tiers"), [{**TIER, "up_assured": 251}], "profiles.0.tiers.0: assures 251 Mbit/s of 250"),
    ],
)
def test_each_fault_is_told_with_its_place(steps: tuple[Any, ...], value: Any, told: str) -> None:
    content = good()
    place: Any = content
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    found = faults_of(content)
    assert len(found) == 1
    assert found[0].startswith(told)
