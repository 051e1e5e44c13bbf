"""What the network itself says of a subscriber's line."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from canonical_model.identifiers import DeviceSerial, OntSerial, OrderNumber
from canonical_model.record import Instant, MarketId, Record, ShortText

Technology = Literal["pon", "active_ethernet", "fixed_wireless"]
OperationalState = Literal["up", "down", "discovered"]
AdministrativeState = Literal["unlocked", "locked"]
PowerSide = Literal["olt_rx", "ont_rx", "ont_tx"]
NetworkEventKind = Literal["dying_gasp", "arrival", "departure", "loss_of_signal", "restored"]
EvidenceKind = Literal["ont_ranged", "service_flow_up", "aaa_session", "speed_test", "tech_signoff"]


@dataclass(frozen=True, slots=True)
class OpticalPower:
    """An optical level with what is needed to trust it.

    Attributes:
        dbm: level in dBm.
        side: where it was measured.
        raw: the number as the device gave it.
        raw_unit: the unit that the device profile declares for it; there is no default.
        resolution_db: distance in dB to the next value the device can express at this level.
    """

    dbm: Decimal
    side: PowerSide
    raw: int
    raw_unit: str
    resolution_db: Decimal

    def is_within(self, low_dbm: Decimal, high_dbm: Decimal) -> bool | None:
        """Whether the level lies in a window; None where the device's resolution cannot tell."""
        if min(abs(self.dbm - low_dbm), abs(self.dbm - high_dbm)) < self.resolution_db:
            return None
        return low_dbm <= self.dbm <= high_dbm


class NetworkObservation(Record):
    """A subscriber device as its network element saw it at one moment.

    No optical level means no reading, never minus infinity.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("serial",)

    serial: DeviceSerial
    element: ShortText
    port: ShortText | None = None
    observed_at: Instant
    operational_state: OperationalState
    administrative_state: AdministrativeState = "unlocked"
    profile: ShortText | None = None
    registered_since: Instant | None = None
    profile_since: Instant | None = None
    last_traffic_at: Instant | None = None
    optical_dbm: float | None = None
    optical_side: PowerSide | None = None
    optical_raw: int | None = None
    optical_raw_unit: ShortText | None = None
    optical_resolution_db: float | None = None

    @model_validator(mode="after")
    def _optical_level_is_whole_or_absent(self) -> Self:
        parts = (self.optical_dbm, self.optical_side, self.optical_raw_unit, self.optical_resolution_db)
        if any(part is None for part in parts) and any(part is not None for part in parts):
            raise ValueError("an optical level needs its side, its declared unit and its resolution")
        return self

    @property
    def optical_power(self) -> OpticalPower | None:
        """The optical level as a typed value, None without a reading."""
        if self.optical_dbm is None or self.optical_side is None or self.optical_raw_unit is None:
            return None
        return OpticalPower(
            Decimal(str(self.optical_dbm)),
            self.optical_side,
            self.optical_raw or 0,
            self.optical_raw_unit,
            Decimal(str(self.optical_resolution_db)),
        )


class NetworkEvent(Record):
    """What a network element told of a subscriber device by itself, at one moment."""

    identifiers: ClassVar[tuple[str, ...]] = ("serial",)

    serial: DeviceSerial
    element: ShortText
    port: ShortText | None = None
    kind: NetworkEventKind
    occurred_at: Instant


class AaaSession(Record):
    """A session of a subscriber as the AAA server or the access equipment accounts for it (RFC 2866).

    Attributes:
        username: who logged in, as the line is called in AAA.
        element: the NAS.
        port: the port of the NAS, or the circuit that it names.
        end_cause: Acct-Terminate-Cause, in its own word.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("username",)

    session_id: ShortText
    username: ShortText
    element: ShortText | None = None
    port: ShortText | None = None
    calling_station: ShortText | None = None
    framed_address: ShortText | None = None
    started_at: Instant | None = None
    updated_at: Instant
    ended_at: Instant | None = None
    end_cause: ShortText | None = None
    input_octets: Annotated[int, Field(ge=0)] | None = None
    output_octets: Annotated[int, Field(ge=0)] | None = None


@dataclass(frozen=True, slots=True)
class OltPort:
    """A port of a network element on which subscriber devices appear (TMF639 resource)."""

    market: MarketId
    element: str
    port: str
    technology: Technology


@dataclass(frozen=True, slots=True)
class Ont:
    """An optical network terminal at a premise (TMF639 resource)."""

    serial: OntSerial
    port: OltPort


@dataclass(frozen=True, slots=True)
class Cpe:
    """The router behind the terminal, rented or the customer's own."""

    serial: DeviceSerial
    rented: bool


class ServiceActivation(Record):
    """That what an order asked for was shown to work, and since when without a break.

    It is written by whoever proves a service: the hub, before it tells any other system; or a system that does so by
    itself, if it is mapped. Money follows it; where there is none, it follows the technician's word.
    """

    identifiers: ClassVar[tuple[str, ...]] = ("order_number",)

    order_number: OrderNumber
    works_since: Instant
