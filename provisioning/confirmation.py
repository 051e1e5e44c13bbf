"""What SNMP shows of a line's terminal, beside what the driver of its element says: a second witness.

A driver reads what it wrote from the element, or from the system that manages it. The element's SNMP agent is asked
apart, by the device profile of its family, which declares the unit of its light. Where the two contradict each other
the line is not there yet. A level that the profile knows as no reading is none.
"""

from dataclasses import replace
from decimal import Decimal

from canonical_model.identifiers import parse_device_serial
from canonical_model.network import OpticalPower
from connectors.ports import RawRecord, Rereader, StreamRead
from provisioning.line import Condition, Line, Presence

_FIELDS = (
    "index",
    "serial",
    "operational_state",
    "optical_dbm",
    "optical_raw",
    "optical_raw_unit",
    "optical_resolution_db",
    "optical_side",
)
_READ = StreamRead("confirmation", "", fields=_FIELDS, key=("serial",))


class SnmpWitness:
    """The agent of one element; used by one thread at a time.

    The table is walked once to find a terminal's row, and the row alone is asked for afterwards.
    """

    def __init__(self, source: Rereader) -> None:
        """Take a source over the element's agent, its device profile among its options."""
        self._source = source
        self._rows: dict[str, str] = {}

    def seen(self, serial: str) -> RawRecord | None:
        """What the agent shows of a terminal now; None where it has none of that serial.

        Raises:
            RetryableError: the agent does not answer.
            ConfigurationError: its login or its profile is wrong.
        """
        index = self._rows.get(serial)
        if index is not None:
            (found,) = self._source.again(_READ, [index])
            if found is not None and _serial(found) == serial:
                return found
        self._rows = {}
        shown: RawRecord | None = None
        for page in self._source.pages(_READ, None):
            for record in page.records:
                name = _serial(record)
                if name is not None:
                    self._rows[name] = str(record["index"])
                if name == serial:
                    shown = record
        return shown

    def close(self) -> None:
        """Release the source."""
        self._source.close()


def confirmed(condition: Condition, line: Line, witness: SnmpWitness) -> Condition:
    """The condition of a line as driver and agent show it together.

    Args:
        condition: as the driver of the element shows it.
        line: that it is of.
        witness: of the element.

    Raises:
        RetryableError, ConfigurationError: as ``SnmpWitness.seen``.
    """
    return condition if line.serial is None else together(condition, line.serial, witness.seen(line.serial))


def together(condition: Condition, serial: str, record: RawRecord | None) -> Condition:
    """What two witnesses say of one terminal.

    Args:
        condition: as the driver shows it.
        serial: of the terminal.
        record: as the agent shows it; None where it shows none of that serial.
    """
    if record is None:
        presence: Presence | None = "absent" if condition.presence in ("present", None) else condition.presence
        return replace(condition, presence=presence)
    is_up = record.get("operational_state") == "up"
    presence = "absent" if not is_up and condition.presence in ("present", None) else condition.presence or "present"
    sides = {power.side for power in condition.powers}
    power = _power(record)
    return replace(
        condition,
        presence=presence,
        detected_serial=condition.detected_serial or (serial if is_up else None),
        powers=condition.powers if power is None or power.side in sides else (*condition.powers, power),
    )


def _power(record: RawRecord) -> OpticalPower | None:
    level, resolution = record.get("optical_dbm"), record.get("optical_resolution_db")
    if level is None or resolution is None:
        return None
    return OpticalPower(
        dbm=Decimal(str(level)),
        side=record["optical_side"],
        raw=int(record["optical_raw"]),
        raw_unit=str(record["optical_raw_unit"]),
        resolution_db=Decimal(str(resolution)),
    )


def _serial(record: RawRecord) -> str | None:
    try:
        return parse_device_serial(record.get("serial"))
    except ValueError:
        return None
