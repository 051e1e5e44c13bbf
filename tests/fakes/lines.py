"""Lines, profiles and facts of services that are to be activated, and a network.yaml for them."""

from typing import Any

from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.network_file import NetworkFile
from provisioning.profile import Bandwidth, ProvisioningProfile, Vlans

ONT = "CXNK00A1B2C3"
NETWORK = NetworkFile.model_validate(
    {
        "elements": {
            name: {"driver": "told", "address": "here", "market": "riverbend"} for name in ("olt-1", "aaa-1", "acs-1")
        },
        "layers": {"riverbend": {"aaa": "aaa-1", "cpe": "acs-1"}},
        "verification": [{"technology": "pon", "checks": ["registered", "serial", "session", "soak"]}],
    }
)
TIERS = NetworkFile.model_validate(
    NETWORK.model_dump(mode="json")
    | {
        "profiles": [
            {
                "technology": "pon",
                "vlans": {"outer": 700},
                "tiers": [{"offering": "fiber-1000", "down": 1000, "up": 1000, "aaa_group": "fiber-1000"}],
            }
        ]
    }
)
"""The same network, with a table of tiers."""


def line(number: int = 1, **facts: Any) -> Line:
    given = {
        "service_id": f"{7_000_000 + number}",
        "market": "riverbend",
        "element": "olt-1",
        "port": "1/1/1",
        "onu_id": number,
        "username": f"olt-1 1/1/1:{number}",
    }
    return Line(**(given | facts))


def profile(**facts: Any) -> ProvisioningProfile:
    given = {
        "technology": "pon",
        "offering_id": "fiber-500",
        "version": "1",
        "vlans": Vlans(outer=100, inner=1001),
        "bandwidth": Bandwidth(down_maximum=500, up_maximum=500),
        "aaa_group": "fiber-500",
        "cpe": {"wifi.ssid": "home"},
    }
    return ProvisioningProfile(**(given | facts))


def facts(number: int = 1, serial: str = ONT, **given: Any) -> SagaFacts:
    known = {
        "line": line(number),
        "profile": profile(),
        "order_number": f"{90_000 + number}",
        "account_number": f"{7_000_000 + number}",
        "expected_serial": serial,
    }
    return SagaFacts(**(known | given))
