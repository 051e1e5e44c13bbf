"""Which device ends a line, and which of those in the store room can carry a tier; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from canonical_model.field_work import DeviceKind
from canonical_model.network import Technology
from canonical_model.plant import PonMode
from provisioning.network_file import NetworkFile

TERMINAL_KINDS: dict[Technology, DeviceKind] = {
    "pon": "ont",
    "active_ethernet": "nid",
    "fixed_wireless": "subscriber_module",
}
"""The kind of device that ends the line, by technology."""


@dataclass(frozen=True, slots=True)
class StockedDevice:
    """A device that is in the store room and was given to nobody."""

    serial: str
    kind: DeviceKind
    model: str | None


@dataclass(frozen=True, slots=True)
class TierNeeds:
    """What a tier needs of the plant and of the device.

    Attributes:
        models: of the device, those that can carry it; any where there is none.
        pon_modes: of the port, likewise.
    """

    models: tuple[str, ...]
    pon_modes: tuple[PonMode, ...]

    def carried_by(self, mode: PonMode | None) -> bool:
        """Whether a port of that mode can carry it; one whose mode nobody knows is believed to."""
        return mode is None or not self.pon_modes or mode in self.pon_modes


def needs_of(
    network: NetworkFile, market: str, technology: Technology, variant: str, offering_id: str
) -> TierNeeds | None:
    """What a tier needs on a line; None where no table knows the offering on that technology."""
    for block in network.profiles_for(market, technology, variant):
        for tier in block.tiers:
            if tier.offering == offering_id:
                return TierNeeds(tier.models or block.models, tier.pon_modes)
    return None


def fitting(stock: Iterable[StockedDevice], technology: Technology, models: tuple[str, ...]) -> list[StockedDevice]:
    """The devices that can end a line, in the order in which they should go out.

    Args:
        stock: devices, those that should go out first at the front.
        technology: of the line.
        models: that do; any where there is none.
    """
    return [each for each in stock if _fits(each, technology, models)]


def has_fitting(stock: Iterable[StockedDevice], technology: Technology, models: tuple[str, ...]) -> bool:
    """Whether there is one of them."""
    return any(_fits(each, technology, models) for each in stock)


def _fits(device: StockedDevice, technology: Technology, models: tuple[str, ...]) -> bool:
    return device.kind == TERMINAL_KINDS[technology] and (not models or device.model in models)
