"""The rows of an element's table as raw records, one a device."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

from canonical_model.identifiers import parse_device_serial
from connectors.ports import RawRecord
from connectors.snmp import values
from connectors.snmp.agent import TableRow
from connectors.snmp.device_profiles import (
    AdministrativeColumn,
    DeviceProfile,
    OperationalColumn,
    OpticalColumn,
    TextColumn,
    TimeColumn,
)
from connectors.snmp.values import SnmpValue

PlainColumn = TextColumn | OperationalColumn | AdministrativeColumn | TimeColumn
ProfileColumn = PlainColumn | OpticalColumn
Reader = Callable[[RawRecord, SnmpValue], None]

OPTICAL_FIELDS = ("optical_dbm", "optical_raw", "optical_raw_unit", "optical_resolution_db", "optical_side")
FIELDS = (
    "index",
    "serial",
    "port",
    "operational_state",
    "administrative_state",
    "profile",
    "registered_since",
    "profile_since",
    "last_traffic_at",
    *OPTICAL_FIELDS,
)
"""What a raw record of a device may hold, whatever its vendor; None where the element does not tell.

``index`` is that of its row: on some vendors' elements nothing else names a device.
"""


def columns_for(profile: DeviceProfile, fields: Collection[str]) -> dict[str, ProfileColumn]:
    """The columns that some fields need, by their name in the profile.

    The first one tells which rows there are: that of the serial, or of the state where the element tells no serial.
    """
    first = "operational_state" if profile.columns.serial is None else "serial"
    wanted = {first, *("optical" if name in OPTICAL_FIELDS else name for name in fields)}
    return {name: column for name, column in profile.columns if name in wanted and column is not None}


class Devices:
    """Turns the rows of an element's table into raw records, one for each subscriber's device.

    Attributes:
        columns: what has to be walked, in this order.
        found: how many devices there were.
        has_serials: whether any of them bore a serial that can be one.
    """

    def __init__(self, profile: DeviceProfile, fields: Collection[str]) -> None:
        self.columns = columns_for(profile, fields)
        self.found = 0
        self.has_serials = False
        self._told = dict.fromkeys(self.columns, 0)
        self._by_serial = "serial" in self.columns
        self._fields = tuple(fields)
        known = {"index", *self.columns, *(OPTICAL_FIELDS if "optical" in self.columns else ())} - {"optical"}
        self._extra = tuple(known.difference(fields))
        self._readers = [(name, _reader(name, column)) for name, column in self.columns.items()]

    def records(self, rows: Sequence[TableRow]) -> list[RawRecord]:
        """The records of some rows; one whose serial is blank, or lacks its prefix, is no subscriber's device."""
        records = []
        empty: RawRecord = dict.fromkeys((*self._fields, *self._extra))
        for index, cells in rows:
            record = empty.copy()
            record["index"] = index
            for (name, read), value in zip(self._readers, cells, strict=True):
                if value is not None:
                    self._told[name] += 1
                    read(record, value)
            if self._by_serial and record["serial"] is None:
                continue
            self.found += 1
            self.has_serials = self.has_serials or _is_serial(record.get("serial"))
            for name in self._extra:
                del record[name]
            records.append(record)
        return records

    def missing(self) -> list[str]:
        """Columns of the profile that the element does not have, although it has devices."""
        return [name for name, number in self._told.items() if not number] if self.found else []


def _is_serial(text: str | None) -> bool:
    try:
        parse_device_serial(text)
    except ValueError:
        return False
    return True


def _reader(name: str, column: ProfileColumn) -> Reader:
    """What writes a value of a column into a record."""
    if isinstance(column, OpticalColumn):
        return partial(_write_optical, column)

    def write(record: RawRecord, value: SnmpValue) -> None:
        record[name] = _read(column, value)

    return write


def _read(column: PlainColumn, value: SnmpValue) -> str | None:
    if isinstance(column, TextColumn):
        return _text(value, column)
    if isinstance(column, TimeColumn):
        return _moment(column, value)
    number = values.number(value)
    if number is not None:
        return column.states.get(number, str(number))
    return values.text(value)


def _text(value: SnmpValue, column: TextColumn) -> str | None:
    found, prefix = values.spelled(value, column.form), column.prefix
    return (found.removeprefix(prefix).strip() or None) if found is not None and found.startswith(prefix) else None


def _moment(column: TimeColumn, value: SnmpValue) -> str | None:
    if column.form == "date_and_time":
        return values.date_and_time(value)
    if column.pattern is not None and column.zone is not None:
        return values.text_time(value, column.pattern, column.zone)
    return values.epoch_seconds(value)


def _write_optical(column: OpticalColumn, record: RawRecord, value: SnmpValue) -> None:
    raw = values.number(value)
    level = values.optical_level(raw, column.unit, column.no_reading) if raw is not None else None
    if level is not None:
        record.update(zip(OPTICAL_FIELDS, (level[0], raw, column.unit, level[1], column.side), strict=True))
