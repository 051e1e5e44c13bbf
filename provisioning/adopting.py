"""Make a line the hub's own that another has set up: only where it stands as the hub would have set it up; pure.

What belongs to the line is taken as it is shown: its tags, and what the subscriber may have otherwise on his router.
What belongs to what was sold has to be the same: rates, group and attributes in AAA, everything else of the router.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from pydantic import ValidationError

from provisioning.change import not_shown
from provisioning.facts import SagaFacts
from provisioning.line import Layer, Observation, Setting, Settings
from provisioning.profile import ProvisioningProfile, Vlans
from provisioning.standing import wanted

_TOLD: Mapping[Layer, frozenset[str]] = {
    "access": frozenset({"serial", "onu_id", "enabled", "outer_vlan", "inner_vlan", "down_mbps", "up_mbps"}),
    "aaa": frozenset({"group"}),
}
"""Settings whose values are told; others may be secret."""


def as_shown(
    facts: SagaFacts, shown: Mapping[Layer, Observation], own: Collection[str]
) -> ProvisioningProfile | tuple[str, ...]:
    """The profile of a line that stands as the hub would have set it up; or everything in which it differs.

    Args:
        facts: the line, and the profile that the tables give it.
        shown: by layer, what it holds of the line.
        own: settings of the router that a subscriber may have otherwise.
    """
    try:
        profile = _with_its_own(facts.profile, shown, own)
    except ValidationError:
        return ("access: tags that no VLAN has",)
    odd = tuple(each for layer, seen in shown.items() for each in _odd(layer, seen, facts, profile))
    return odd or profile


def _with_its_own(
    profile: ProvisioningProfile, shown: Mapping[Layer, Observation], own: Collection[str]
) -> ProvisioningProfile:
    access, router = _settings(shown, "access"), _settings(shown, "cpe")
    vlans = profile.vlans
    if "outer_vlan" in access:
        vlans = Vlans.model_validate({"outer": access["outer_vlan"], "inner": access.get("inner_vlan")})
    shown_own = {name: router[name] for name in own if isinstance(router.get(name), str | int)}
    otherwise = {name: value for name, value in shown_own.items() if value != profile.cpe.get(name)}
    its_own = {"vlans": vlans, "has_own_vlans": vlans != profile.vlans}
    return profile.model_copy(update={**its_own, "customizations": {**profile.customizations, **otherwise}})


def _settings(shown: Mapping[Layer, Observation], layer: Layer) -> Settings:
    seen = shown.get(layer)
    return {} if seen is None else _held(seen) or {}


def _held(seen: Observation) -> Settings | None:
    """What a layer holds of the line, though nobody has said yet that it is of this service."""
    return seen.unclaimed if seen.settings is None else seen.settings


def _odd(layer: Layer, seen: Observation, facts: SagaFacts, profile: ProvisioningProfile) -> Iterator[str]:
    shall, held = wanted(layer, "active", facts.line, profile) or {}, _held(seen)
    if seen.condition.presence == "elsewhere":
        yield f"{layer}: the terminal is seen on another port"
    if held is None:
        yield f"{layer}: it holds nothing of the line"
        return
    for name in not_shown(replace(seen, settings=held), shall):
        values = _values(held.get(name), shall.get(name)) if name in _TOLD.get(layer, ()) else ""
        yield f"{layer}: {name}{values}"
    if layer == "aaa":  # what the tables do not know would be lost, or would contradict, with the next change
        yield from (f"aaa: {name} beside" for name in sorted(held.keys() - shall.keys()))
    if layer == "cpe" and held.get("voice_on") and "voice_on" not in shall:
        yield "cpe: a telephone beside"


def _values(shown: Setting | None, shall: Setting | None) -> str:
    return f" is {'not there' if shown is None else shown} instead of {shall}"
