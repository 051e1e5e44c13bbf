"""The line of one service: where it hangs in the network, and what each part of the network shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from canonical_model.identifiers import DeviceSerial
from canonical_model.network import OpticalPower
from canonical_model.record import MarketId, ShortText

Layer = Literal["access", "aaa", "cpe"]
"""The parts of the network that are told of a service: the OLT, switch or access point; the AAA server; the ACS."""

LAYERS: tuple[Layer, ...] = ("access", "aaa", "cpe")

Setting = str | int | bool
Settings = Mapping[str, Setting]
"""What one layer is told of one service, in our own words (``provisioning.standing``)."""


class Line(BaseModel):
    """What names a service's line in the network; the same for all layers.

    Attributes:
        service_id: of the service, as orders name it.
        element: the OLT, switch or access point.
        port: its port, as the element calls it.
        onu_id: number of the terminal on its PON (ITU-T G.984.3); None where the technology has none.
        serial: of the terminal; None until one is bound.
        username: of the subscriber in AAA.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_id: ShortText
    market: MarketId
    element: ShortText
    port: ShortText
    onu_id: int | None = None
    serial: DeviceSerial | None = None
    username: ShortText


def names_in(layer: Layer, line: Line) -> tuple[str | int | None, ...]:
    """What tells a line from others on a layer: its place, its subscriber, or its device."""
    if layer == "access":
        return line.element, line.port, line.onu_id
    return (line.username,) if layer == "aaa" else (line.serial,)


def is_on_port(seen: str, port: str) -> bool:
    """Whether an element that shows a device on a port means this one: some add the device's number on its PON."""
    return port in (seen, seen.rpartition("/")[0])


Presence = Literal["present", "absent", "elsewhere", "failed"]
"""Whether the terminal is where it belongs: ranged on its own port, not seen, seen on another port, or seen and
refused. TR-385 tells it by ``onu-presence-state``."""


@dataclass(frozen=True, slots=True)
class RadioLevels:
    """What a subscriber module and its access point hear of each other; None where there is no reading.

    Attributes:
        down_rssi_dbm: strength at the module.
        up_rssi_dbm: strength at the access point.
        down_snr_db: strength over noise at the module.
        up_snr_db: likewise at the access point.
    """

    down_rssi_dbm: int | None = None
    up_rssi_dbm: int | None = None
    down_snr_db: int | None = None
    up_snr_db: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a layer shows of a line's operation; None where it cannot tell.

    Attributes:
        presence: of the terminal.
        detected_serial: as the element reads it from the terminal.
        powers: optical levels, each with its side and resolution.
        radio: levels of a radio link; they are no optical levels and are judged by nobody yet.
        service_flow_up: whether traffic of the service is forwarded.
        session_since: when the subscriber's session in AAA began; None without a session.
        session_tells: whether this layer knows of sessions at all.
        voice_registered: whether the telephone is registered; None where the layer does not tell.
        down_mbps: of the last speed test.
        up_mbps: likewise.
        speed_asked_at: when that test was asked for, where the layer knows it.
        last_contact_at: when a CPE last spoke to its ACS.
    """

    presence: Presence | None = None
    detected_serial: str | None = None
    powers: tuple[OpticalPower, ...] = ()
    radio: RadioLevels | None = None
    service_flow_up: bool | None = None
    session_since: datetime | None = None
    session_tells: bool = False
    voice_registered: bool | None = None
    down_mbps: Decimal | None = None
    up_mbps: Decimal | None = None
    speed_asked_at: datetime | None = None
    last_contact_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one layer shows of one line.

    Attributes:
        settings: as they are configured; None where the layer holds nothing of the line.
        condition: of its operation.
        unclaimed: what is configured where the layer holds nothing of the service, though it shows its device, and
            no other service has it.
    """

    settings: Settings | None
    condition: Condition = Condition()
    unclaimed: Settings | None = None


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A terminal that an element sees and has no service for.

    Attributes:
        serial: in its compared form.
        port: where it is seen.
        since: when it appeared, where the element tells.
        claimed: the element knows it, for a service on another port.
    """

    serial: str
    port: str
    since: datetime | None = None
    claimed: bool = False
