"""The provisioning profile: everything the network has to be told about one service, and nothing of a vendor.

Words follow Broadband Forum TR-385 (traffic descriptor, VLAN sub-interface) and RADIUS (RFC 2865).
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from canonical_model.network import Technology
from canonical_model.record import ShortText

VlanId = Annotated[int, Field(ge=1, le=4094)]
Megabits = Annotated[int, Field(ge=1, le=100_000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Vlans(_Part):
    """Tags of the subscriber's traffic: the operator's tag, and the subscriber's inside it where stacked."""

    outer: VlanId
    inner: VlanId | None = None


class Bandwidth(_Part):
    """Rates in Mbit/s: what is guaranteed upstream, and the most in each direction."""

    down_maximum: Megabits
    up_maximum: Megabits
    up_assured: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _assures_no_more_than_it_allows(self) -> Self:
        if self.up_assured > self.up_maximum:
            raise ValueError(f"assured {self.up_assured} Mbit/s is above the maximum {self.up_maximum} Mbit/s")
        return self


class Voice(_Part):
    """A SIP line on the terminal; the password is a reference, never the secret itself."""

    sip_user: ShortText
    sip_server: ShortText
    secret_reference: Annotated[str, Field(pattern=r"^(env|file):.+$")]


class ProvisioningProfile(_Part):
    """What one service needs, on whatever line it runs.

    Attributes:
        version: of the tables it was made from; a change of them makes another profile.
        has_own_vlans: its tags belong to its line, whatever the tables give, and the network behind knows them.
        aaa_group: the subscriber's group in AAA, which carries the attributes of the tier.
        aaa_attributes: RADIUS reply attributes of this subscriber alone, by their dictionary names.
        standing_groups: what takes the place of ``aaa_group`` while a service is suspended, by its standing.
        cpe: settings of the router by the operator's word for each; a secret is a reference.
        customizations: what the subscriber wants of it otherwise, or beside; it takes the place of the operator's.
    """

    technology: Technology
    offering_id: ShortText
    version: ShortText
    vlans: Vlans
    has_own_vlans: bool = False
    bandwidth: Bandwidth
    voice: Voice | None = None
    aaa_group: ShortText
    aaa_attributes: dict[str, str] = Field(default_factory=dict)
    standing_groups: dict[str, str] = Field(default_factory=dict)
    cpe: dict[str, str | int | bool] = Field(default_factory=dict)
    customizations: dict[str, str | int | bool] = Field(default_factory=dict)

    @property
    def router(self) -> dict[str, str | int | bool]:
        """Settings of the router as this subscriber has them."""
        return {**self.cpe, **self.customizations}


def profile_difference(
    before: ProvisioningProfile | None, after: ProvisioningProfile
) -> dict[str, tuple[object, object]]:
    """What changes between two profiles: value before and after, by the dotted name of the setting."""
    old = {} if before is None else _flat(before.model_dump())
    new = _flat(after.model_dump())
    return {
        name: (old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def _flat(values: dict[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
