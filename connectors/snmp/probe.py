"""What a network element answers: which device profiles find something on it, and the first devices of one."""

from collections.abc import Sequence
from contextlib import closing

from connectors.ports import RawRecord
from connectors.probing import Description, FoundField, FoundObject
from connectors.snmp.agent import Agent
from connectors.snmp.device_profiles import DeviceProfile, device_profile, device_profiles
from connectors.snmp.devices import FIELDS, OPTICAL_FIELDS, Devices
from rules.types import ColumnType

_DEVICES = "devices"


class SnmpProbe:
    """Looks around in one element."""

    def __init__(self, agent: Agent, system: str) -> None:
        self._agent = agent
        self._system = system

    def objects(self) -> Sequence[FoundObject]:
        """Profiles whose first column has a row on this element; asks for no more than the first rows."""
        found = []
        for name, profile in device_profiles().items():
            if self._records(profile, ["index"], 1):
                found.append(FoundObject(name, profile.devices))
        return found

    def describe(self, name: str, limit: int) -> Description:
        """See ``connectors.probing.Probe``; an object is a device profile."""
        profile = device_profile(name, f"system {self._system}")
        told = [one for one in FIELDS if _tells(profile, one)]
        samples = self._records(profile, told, limit)
        key = "index" if profile.columns.serial is None else "serial"
        fields = [one for one in told if one != "index" or key == "index"]
        return Description(
            _DEVICES,
            tuple(FoundField(one, ColumnType("text") if one == key else None) for one in fields),
            key=(key,),
            options={"profile": name},
            samples=samples,
            notes=(f"Device profile {name}: {profile.devices}.",),
        )

    def close(self) -> None:
        """Nothing is held between questions."""

    def _records(self, profile: DeviceProfile, fields: Sequence[str], limit: int) -> list[RawRecord]:
        devices, found = Devices(profile, fields), list[RawRecord]()
        with closing(self._agent.rows([column.oid for column in devices.columns.values()])) as batches:
            for rows in batches:
                found += devices.records(rows)
                if len(found) >= limit:
                    break
        return found[:limit]


def _tells(profile: DeviceProfile, name: str) -> bool:
    column = "optical" if name in OPTICAL_FIELDS else name
    return name == "index" or getattr(profile.columns, column) is not None
