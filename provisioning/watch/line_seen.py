"""A line as the last sweep saw it, with where it hangs and how it was at its installation: plain data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from canonical_model.network import AdministrativeState, NetworkEventKind, OperationalState, OpticalPower

PlaceKind = Literal["hub", "element", "pon", "terminal", "line"]

PLACES: tuple[PlaceKind, ...] = ("hub", "element", "pon", "terminal", "line")
"""What lines may have in common, the largest first: hub, OLT or switch, PON, splitter; the line alone."""


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One subscriber device.

    Attributes:
        observed_at: when its element was asked.
        last_event: what it told by itself last, at ``last_event_at``.
        power: optical level of the last sweep; None without a reading.
        baseline: the first level since it was registered, at ``baseline_at``: what the installer left behind.
        pon: on which it hangs; None where each line has a port of its own.
        hub: of its premise, and ``terminal`` there; None where no record tells.
        order_number: the last order that had it installed.
        is_served: whether somebody is billed for it now; what was replaced or left behind may be dark.
    """

    serial: str
    element: str
    port: str | None
    observed_at: datetime
    operational_state: OperationalState
    administrative_state: AdministrativeState = "unlocked"
    last_event: NetworkEventKind | None = None
    last_event_at: datetime | None = None
    power: OpticalPower | None = None
    baseline: OpticalPower | None = None
    baseline_at: datetime | None = None
    pon: str | None = None
    hub: str | None = None
    terminal: str | None = None
    order_number: str | None = None
    address: str | None = None
    is_served: bool = True

    def member(self, kind: PlaceKind) -> str | None:
        """What it belongs to of a kind; None where nothing tells."""
        match kind:
            case "hub":
                return self.hub
            case "element":
                return self.element
            case "pon":
                return self.pon
            case "terminal":
                return self.terminal
            case "line":
                return self.serial


def pon_of(element: str, port: str | None) -> str | None:
    """Element and PON of a terminal: its port without the number it has there (``1/9/5/33`` -> ``1/9/5``)."""
    return f"{element} {port.rpartition('/')[0]}" if port is not None and "/" in port else None
