"""The profile of a service, made from ``network.yaml``: offering x technology x vendor x market; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from canonical_model.network import Technology
from provisioning.customizing import SettingForm
from provisioning.line import Setting
from provisioning.network_file import NetworkFile, ProfileBlock, TierBlock
from provisioning.profile import ProvisioningProfile, Vlans, Voice

HIGHEST_VLAN = 4094


@dataclass(frozen=True, slots=True)
class ProfileRequest:
    """What a profile is asked for.

    Attributes:
        variant: the dialect of the element that the line hangs on.
        onu_id: number of the terminal on its port; 0 where the technology has none.
        voice: the SIP line, where one was sold.
        customizations: the subscriber's own settings of the router; they take the place of the operator's.
    """

    market: str
    technology: Technology
    variant: str
    offering_id: str
    onu_id: int
    voice: Voice | None = None
    customizations: Mapping[str, Setting] | None = None


def make_profile(network: NetworkFile, version: str, asked: ProfileRequest) -> ProvisioningProfile | None:
    """The profile of a service; None where no table knows the offering on that technology.

    Args:
        network: the tables.
        version: of the tables, which the profile carries.
        asked: what the service is.

    Raises:
        ValueError: the tables give no tag for a terminal of that number.
    """
    for block in network.profiles_for(asked.market, asked.technology, asked.variant):
        tier = _tier(block.tiers, asked.offering_id)
        if tier is None:
            continue
        inner = None if block.vlans.inner_from is None else block.vlans.inner_from + asked.onu_id
        if inner is not None and inner > HIGHEST_VLAN:
            raise ValueError(f"terminal {asked.onu_id}: its inner VLAN would be {inner}, above {HIGHEST_VLAN}")
        return ProvisioningProfile(
            technology=asked.technology,
            offering_id=asked.offering_id,
            version=version,
            vlans=Vlans(outer=block.vlans.outer, inner=inner),
            bandwidth=tier.bandwidth,
            voice=asked.voice,
            aaa_group=tier.aaa_group,
            aaa_attributes=dict(block.aaa_attributes),
            standing_groups=dict(block.standing_groups),
            cpe=dict(block.cpe),
            customizations=dict(asked.customizations or {}),
        )
    return None


def with_tier(
    network: NetworkFile, profile: ProvisioningProfile, market: str, variant: str, offering_id: str
) -> ProvisioningProfile | None:
    """The same service with another tier: its rates and its group in AAA, and nothing else.

    Args:
        network: the tables.
        profile: of the service as it is.
        market: where it is.
        variant: the dialect of the element that the line hangs on.
        offering_id: of the tier; None comes back where no table knows it.
    """
    block = _block(network, profile, market, variant, offering_id)
    tier = None if block is None else _tier(block.tiers, offering_id)
    if tier is None:
        return None
    changed = {"offering_id": offering_id, "bandwidth": tier.bandwidth, "aaa_group": tier.aaa_group}
    return profile.model_copy(update=changed)


def customizable(
    network: NetworkFile, profile: ProvisioningProfile, market: str, variant: str
) -> Mapping[str, SettingForm]:
    """The settings of the router that the subscriber of a service may have otherwise, each with its form.

    Args:
        network: the tables.
        profile: of the service as it is.
        market: where it is.
        variant: the dialect of the element that the line hangs on.
    """
    block = _block(network, profile, market, variant, profile.offering_id)
    return {} if block is None else block.customizable


def _block(
    network: NetworkFile, profile: ProvisioningProfile, market: str, variant: str, offering_id: str
) -> ProfileBlock | None:
    blocks = network.profiles_for(market, profile.technology, variant)
    return next((block for block in blocks if _tier(block.tiers, offering_id)), None)


def _tier(tiers: tuple[TierBlock, ...], offering_id: str) -> TierBlock | None:
    return next((tier for tier in tiers if tier.offering == offering_id), None)
