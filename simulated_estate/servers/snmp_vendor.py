"""What an element of one vendor is made of: its columns, how each is read, and which of them may be set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from simulated_estate.books import DeviceRow
from simulated_estate.servers.snmp_values import Oid, Value
from simulated_estate.servers.snmp_writes import Writable

ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
NO_READING_32 = 2_147_483_647
Reader = Callable[[DeviceRow], Value]


@dataclass(frozen=True, slots=True)
class Vendor:
    """How one vendor's element shows its devices.

    Attributes:
        number: the vendor's number under ``1.3.6.1.4.1``.
        product: OID of the product below that number (sysObjectID).
        description: sysDescr.
        columns: OID of each column -> how it is read.
        writes: OID of each column that may be set -> how.
    """

    number: int
    product: Oid
    description: str
    columns: dict[Oid, Reader]
    writes: dict[Oid, Writable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Times:
    """The three times of a device, written one way."""

    write: Callable[[datetime | None], Value]

    def registered(self, row: DeviceRow) -> Value:
        """When the device registered first."""
        return self.write(row.registered_since)

    def profile(self, row: DeviceRow) -> Value:
        """Since when it has its speed profile."""
        return self.write(row.profile_since)

    def traffic(self, row: DeviceRow) -> Value:
        """When it last had traffic."""
        return self.write(row.last_traffic_at)
