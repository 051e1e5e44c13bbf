"""The walked columns of an element, joined by their index into one raw record a device."""

import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from connectors.ports import RawRecord
from connectors.snmp import values
from connectors.snmp.device_profiles import (
    AdministrativeColumn,
    DeviceProfile,
    OperationalColumn,
    OpticalColumn,
    TextColumn,
    TimeColumn,
)
from connectors.snmp.values import SnmpValue

ProfileColumn = TextColumn | OperationalColumn | AdministrativeColumn | TimeColumn | OpticalColumn
Walked = Mapping[tuple[int, ...], SnmpValue]

OPTICAL_FIELDS = ("optical_dbm", "optical_raw", "optical_raw_unit", "optical_resolution_db", "optical_side")
FIELDS = (
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
"""What a raw record of a device may hold, whatever its vendor; None where the element does not tell."""

_logger = logging.getLogger(__name__)


def columns_for(profile: DeviceProfile, fields: Collection[str]) -> dict[str, ProfileColumn]:
    """The columns that some fields need, by their name in the profile; always that of the serial, as the first."""
    wanted = {"serial", *("optical" if name in OPTICAL_FIELDS else name for name in fields)}
    return {name: column for name, column in profile.columns if name in wanted and column is not None}


def devices(
    profile: DeviceProfile, walked: Mapping[str, Walked], fields: Sequence[str], element: str
) -> list[RawRecord]:
    """One raw record for each row whose serial is that of a subscriber's device.

    Args:
        profile: what the columns hold.
        walked: values by index, for the columns of ``columns_for``.
        fields: names of the fields of a record.
        element: whose columns these are, for the log.
    """
    prefix = profile.columns.serial.prefix
    rows = {
        index: serial for index, value in walked["serial"].items() if (serial := _text(value, prefix)) is not None
    }
    if rows and (silent := [name for name, column in walked.items() if not column]):
        _logger.warning(
            "columns of the device profile are not on this element",
            extra={"element": element, "profile": profile.name, "columns": silent},
        )
    readers = {name: _reader(column) for name, column in profile.columns if name in walked}
    records = []
    for index, serial in rows.items():
        record: RawRecord = dict.fromkeys(fields)
        for name, column in walked.items():
            if index in column:
                record.update(readers[name](name, column[index]))
        record["serial"] = serial
        records.append({name: record[name] for name in fields})
    return records


def _reader(column: ProfileColumn) -> Any:
    """What turns a value of a column into fields of the record."""
    if isinstance(column, OpticalColumn):
        return partial(_optical, column)
    return partial(_plain, column)


def _plain(column: ProfileColumn, name: str, value: SnmpValue) -> RawRecord:
    return {name: _read(column, value)}


def _read(column: ProfileColumn, value: SnmpValue) -> str | None:
    if isinstance(column, TextColumn):
        return _text(value, column.prefix)
    if isinstance(column, TimeColumn):
        return _moment(column, value)
    if isinstance(value, int) and not isinstance(column, OpticalColumn):
        return column.states.get(value, str(value))
    return values.text(value)


def _text(value: SnmpValue, prefix: str) -> str | None:
    found = values.text(value)
    return found.removeprefix(prefix) if found is not None and found.startswith(prefix) else None


def _moment(column: TimeColumn, value: SnmpValue) -> str | None:
    if column.form == "date_and_time":
        return values.date_and_time(value)
    if column.pattern is not None and column.zone is not None:
        return values.text_time(value, column.pattern, column.zone)
    return values.epoch_seconds(value)


def _optical(column: OpticalColumn, _name: str, value: SnmpValue) -> RawRecord:
    level = values.optical_level(value, column.unit, column.no_reading) if isinstance(value, int) else None
    if level is None:
        return {}
    told = (level[0], value, column.unit, level[1], column.side)
    return dict(zip(OPTICAL_FIELDS, told, strict=True))
