"""Variables that are set: an element of the estate, whose devices have a state and a label that may be changed."""

from datetime import datetime
from decimal import Decimal

from connectors.ports import Expected, Look, Part, Write
from simulated_estate.books import DeviceRow

ELEMENT = "rb-olt-adtran"
_TABLE = "1.3.6.1.4.1.664.6.10000.76.1.1.2.3.1"
SERIAL, LABEL, ADMIN_STATE = (f"{_TABLE}.{column}" for column in (1, 2, 4))
OUT_OF_SERVICE = 3
SERIALS = ("ADTN00000001", "ADTN00000002", "ADTN00000003")


def with_devices(since: datetime) -> dict[str, list[DeviceRow]]:
    """Devices in service, without a label."""
    rows = [
        DeviceRow(serial, f"1/1/{number}", "up", "500/500", Decimal(-20), since, since, since)
        for number, serial in enumerate(SERIALS, start=1)
    ]
    return {ELEMENT: rows}


def snmp_write(number: int) -> Write:
    """The second device, found by its serial, is labelled and taken out of service; its row shows it."""
    values = {LABEL: f"label {number}", ADMIN_STATE: OUT_OF_SERVICE}
    by_serial = {"row_by": SERIAL}
    expected = (Expected(LABEL, "text", values[LABEL]), Expected(ADMIN_STATE, "integer", OUT_OF_SERVICE))
    return Write(
        "set_device_state",
        f"key-{number}",
        "harmless",
        (Part(SERIALS[1], {}, values, by_serial),),
        (Look(SERIALS[1], {}, {}, expected, by_serial),),
    )
