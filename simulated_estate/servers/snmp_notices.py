"""What elements of five vendors send by themselves when a device arrives or loses its power.

OIDs are those of the vendors' MIBs (Nokia and Ciena: IF-MIB); the words within are made up where no MIB says them,
above all the address of an alarm on AXOS, which has the form that it has in NETCONF.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

from simulated_estate.books import DeviceRow
from simulated_estate.servers.snmp_values import Oid, Value, integer, text
from simulated_estate.servers.snmp_vendor import ENTERPRISES, IF_ENTRY

DeviceEvent = Literal["arrival", "dying_gasp"]
_LINK: dict[DeviceEvent, Oid] = {
    "dying_gasp": (1, 3, 6, 1, 6, 3, 1, 1, 5, 3),
    "arrival": (1, 3, 6, 1, 6, 3, 1, 1, 5, 4),
}


class Notice(NamedTuple):
    """A notification: its snmpTrapOID, and what it says."""

    kind: Oid
    says: list[tuple[Oid, Value]]


def _axos(event: DeviceEvent, row: DeviceRow, index: int, now: datetime) -> Notice:
    own: Oid = (*ENTERPRISES, 6321, 1, 2, 4, 2)
    alarm: Oid = (*own, 2, 1, 1, 1, 1)
    number, name = {"dying_gasp": (1, "ont-dying-gasp"), "arrival": (3, "ont-arrival")}[event]
    return Notice(
        (*own, 1, 1, 2, number),
        [
            ((*alarm, 2, index), text(name)),
            ((*alarm, 8, index), text(f"/config/system/ont[ont-id='{row.serial}']")),
            ((*alarm, 11, index), integer(int(now.timestamp()))),
        ],
    )


def _adtran(event: DeviceEvent, row: DeviceRow, index: int, _now: datetime) -> Notice:
    gpon: Oid = (*ENTERPRISES, 664, 6, 10000, 76, 1, 1)
    serial = row.serial[:4] + row.serial[4:].lower()
    shelf = f"Shelf: 1, Slot: 1, Pon: 1, ONT: {index}"
    says = [
        ((*IF_ENTRY, 2, index), text(f"{shelf}, ONT Serial No: {serial}, ONT Reg ID: ")),
        ((*IF_ENTRY, 1, index), integer(index)),
    ]
    if event == "arrival":
        return Notice((*gpon, 5, 1, 0, 15), [*says, ((*gpon, 2, 6, 1, 2, index), text(serial))])
    return Notice((*gpon, 5, 1, 0, 38), says)


def _link(event: DeviceEvent, _row: DeviceRow, index: int, _now: datetime) -> Notice:
    return Notice(
        _LINK[event],
        [
            ((*IF_ENTRY, 1, index), integer(index)),
            ((*IF_ENTRY, 7, index), integer(1)),
            ((*IF_ENTRY, 8, index), integer(1 if event == "arrival" else 2)),
        ],
    )


def _cambium(event: DeviceEvent, row: DeviceRow, index: int, _now: datetime) -> Notice:
    aps: Oid = (*ENTERPRISES, 161, 19, 3, 1)
    return Notice(
        (*aps, 5, 1, 1 if event == "arrival" else 2),
        [
            ((*aps, 4, 1, 1, index), integer(index)),
            ((*aps, 4, 1, 3, index), Value("octets", bytes.fromhex(row.serial))),
        ],
    )


NOTICES: dict[int, Callable[[DeviceEvent, DeviceRow, int, datetime], Notice]] = {
    6321: _axos,
    664: _adtran,
    637: _link,
    1271: _link,
    161: _cambium,
}
"""By the vendor's number: the event, the device, its index on the element, and when it happens."""
