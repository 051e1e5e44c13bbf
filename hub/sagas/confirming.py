"""Open the SNMP systems of ``operator.yaml`` that confirm what the drivers of elements say."""

from typing import cast

from canonical_model.errors import ConfigurationError
from connectors.discovery import open_source
from connectors.ports import Rereader
from hub.sync import settings_of
from hub.workplace import Hub
from provisioning.confirmation import SnmpWitness
from provisioning.network_file import NETWORK_FILE


def open_witness(hub: Hub, system: str) -> SnmpWitness:
    """The SNMP agent of an element, by its name in operator.yaml.

    Raises:
        ConfigurationError: there is no such system, it speaks no SNMP, or a setting is wrong.
    """
    block = hub.operator.file.systems.get(system)
    if block is None or block.kind != "snmp":
        raise ConfigurationError(f"{NETWORK_FILE}: confirm_by: operator.yaml has no SNMP system {system}")
    return SnmpWitness(cast("Rereader", open_source(settings_of(hub, system))))
