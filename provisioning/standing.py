"""How a service stands, and what each layer is told for it: settings in our own words; pure.

Words of the access layer follow TR-385 (v-ani, traffic descriptor, VLAN sub-interface), those of AAA are a group and
RADIUS reply attributes by their dictionary names, those of the CPE are the operator's, each with a path in TR-181.
"""

from typing import Literal

from provisioning.line import Layer, Line, Setting, Settings
from provisioning.profile import ProvisioningProfile

Standing = Literal["active", "walled", "throttled", "blocked", "ended"]
"""Works as it was sold; reaches the pay page alone; works slowly; is cut off; is not there."""

ACCESS_WORDS = (
    "serial",
    "onu_id",
    "enabled",
    "outer_vlan",
    "inner_vlan",
    "down_mbps",
    "up_mbps",
    "up_assured_mbps",
)


VOICE_WORDS = ("voice_on", "voice_user", "voice_server", "voice_password")
"""What the router is told of a telephone."""


def wanted(layer: Layer, standing: Standing, line: Line, profile: ProvisioningProfile) -> Settings | None:
    """What a layer shall hold of a line; None where it shall hold nothing.

    Args:
        layer: that is told.
        standing: of the service.
        line: where it hangs.
        profile: what it is.
    """
    if standing == "ended":
        return None
    if layer == "access":
        return _access(standing, line, profile)
    return _aaa(standing, profile) if layer == "aaa" else _cpe(profile)


def _access(standing: Standing, line: Line, profile: ProvisioningProfile) -> Settings:
    settings: dict[str, Setting | None] = {
        "serial": line.serial,
        "onu_id": line.onu_id,
        "enabled": standing != "blocked",
        "outer_vlan": profile.vlans.outer,
        "inner_vlan": profile.vlans.inner,
        "down_mbps": profile.bandwidth.down_maximum,
        "up_mbps": profile.bandwidth.up_maximum,
        "up_assured_mbps": profile.bandwidth.up_assured,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _aaa(standing: Standing, profile: ProvisioningProfile) -> Settings:
    group = profile.aaa_group if standing == "active" else profile.standing_groups[standing]
    return {"group": group, **profile.aaa_attributes}


def _cpe(profile: ProvisioningProfile) -> Settings:
    """Settings of the router; the password of the telephone is a reference, here as everywhere."""
    voice = profile.voice
    if voice is None:
        return profile.router
    return {
        **profile.router,
        "voice_on": True,
        "voice_user": voice.sip_user,
        "voice_server": voice.sip_server,
        "voice_password": voice.secret_reference,
    }
