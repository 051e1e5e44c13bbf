"""An Ethernet switch on loopback: the NETCONF server of the tests with its ports shut and policies for the tiers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioning.driver import ElementSettings
from provisioning.netconf.openconfig import NS
from tests.netconf_server import TIERS, NetconfOlt, netconf_olt

PORTS = ("1/1", "1/2")
_IANA = "urn:ietf:params:xml:ns:yang:iana-if-type"


@dataclass(frozen=True, slots=True)
class NetconfSwitch:
    """A running switch.

    Attributes:
        server: that answers for it.
    """

    server: NetconfOlt

    def settings(self, **given: object) -> ElementSettings:
        """How a driver reaches it."""
        return self.server.settings(**{"name": "switch-1", "kind": "switch_port", **given})

    def connect(self, serial: str, port: str, chassis: str | None = None) -> None:
        """Connect a device that tells itself; its link comes up.

        Args:
            serial: of the device.
            port: of the switch.
            chassis: what it tells of itself, where that is not its serial.
        """
        self.server.edit(f"""
        <interfaces-state xmlns="{NS["if"]}"><interface><name>{port}</name>{_type()}<oper-status>up</oper-status>
        </interface></interfaces-state>
        <lldp xmlns="{NS["lldp"]}"><interfaces><interface><name>{port}</name><neighbors><neighbor><id>1</id>
        <state><chassis-id>{chassis or serial}</chassis-id></state></neighbor></neighbors></interface></interfaces>
        </lldp>""")

    def pull(self, port: str) -> None:
        """Take the link down."""
        self.server.edit(f"""
        <interfaces-state xmlns="{NS["if"]}"><interface><name>{port}</name>{_type()}<oper-status>down</oper-status>
        </interface></interfaces-state>""")


@contextmanager
def netconf_switch(commands: dict[str, Path], folder: Path, *, lies: bool = False) -> Iterator[NetconfSwitch]:
    """Start a switch in an empty folder, and stop it at the end."""
    with netconf_olt(commands, folder, lies=lies) as server:
        ports = "".join(
            f"<interface><name>{port}</name>{_type()}<enabled>false</enabled></interface>" for port in PORTS
        )
        policies = "".join(
            f"<scheduler-policy><name>{way}-{rate}</name></scheduler-policy>"
            for way in ("up", "down")
            for rate in TIERS
        )
        server.edit(
            f'<interfaces xmlns="{NS["if"]}">{ports}</interfaces>'
            f'<qos xmlns="{NS["qos"]}"><scheduler-policies>{policies}</scheduler-policies></qos>'
        )
        yield NetconfSwitch(server)


def _type() -> str:
    return f'<type xmlns:x="{_IANA}">x:ethernetCsmacd</type>'
