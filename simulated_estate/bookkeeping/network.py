"""The network elements: device rows in the estate's own units; the servers spell them for each vendor."""

from simulated_estate.books import DeviceRow
from simulated_estate.catalogue import ACCESS
from simulated_estate.life.records import Device


def device_row(device: Device) -> DeviceRow:
    """A device as its element lists it."""
    return DeviceRow(
        device.serial,
        device.port,
        device.state,
        ACCESS[device.offering].profile if device.offering else "",
        device.rx_dbm,
        device.registered,
        device.profile_since,
        device.last_traffic,
        device.is_locked,
    )
