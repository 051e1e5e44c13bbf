"""Ethernet switches (Active Ethernet) that speak NETCONF with ietf-interfaces and OpenConfig.

A port that carries no service is shut. The subscriber's device is known by the port's description, which SNMP shows
as ifAlias, and by what it tells of itself over LLDP.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from canonical_model.errors import UnsafeToContinue
from connectors.ports import Option
from provisioning.change import Change, shows
from provisioning.driver import DriverCapabilities, ElementSettings, NetworkDriver
from provisioning.line import Condition, FoundDevice, Line, Observation, Setting
from provisioning.netconf.logins import LOGIN_OPTIONS, LOGINS, login_of
from provisioning.netconf.openconfig import (
    PortNames,
    bare,
    borne_by_ports,
    neighbours,
    port_edit,
    port_filter,
    port_presence,
    port_settings,
)
from provisioning.netconf.session import NetconfSession

CAPABILITIES = DriverCapabilities(
    kind="switch_port",
    protocol="NETCONF with ietf-interfaces (RFC 8343), openconfig-vlan, openconfig-qos and openconfig-lldp",
    layer="access",
    technologies=("active_ethernet",),
    discovers=True,
    atomic=True,
    evidence=("ont_ranged",),
    settings=("serial", "enabled", "outer_vlan", "down_mbps", "up_mbps", "up_assured_mbps"),
    options=(
        *LOGIN_OPTIONS,
        Option("bears", "what stands before the serial in the description of a port (default NID and a blank)"),
        Option("incoming", "start of the name of a policy for what comes in, the Mbit/s follow (default up-)"),
        Option("outgoing", "likewise for what goes out (default down-)"),
    ),
    logins=LOGINS,
)

_BEARS: Final = "NID "


def open_driver(settings: ElementSettings) -> NetworkDriver:
    """Connect to a switch.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the login is refused.
        RetryableError: it is out of reach.
    """
    return EthernetSwitch(settings)


class EthernetSwitch:
    """A session with one switch."""

    def __init__(self, settings: ElementSettings) -> None:
        self._name = settings.name
        self._options = settings.options
        self._bears = str(settings.options.get("bears", _BEARS))
        self._session = NetconfSession(settings.name, login_of(settings))

    def discover(self) -> Sequence[FoundDevice]:
        """Devices that tell themselves by LLDP and whose port bears no service of theirs."""
        data = self._session.state(port_filter(None))
        borne = borne_by_ports(data, self._bears)
        return [
            FoundDevice(serial, port, claimed=serial in borne)
            for port, serial in neighbours(data)
            if borne.get(serial) != port
        ]

    def observe(self, line: Line) -> Observation:
        """What is configured of a port, whether it has a link, and what is at the other end."""
        data = self._session.state(port_filter(line.port))
        detected = next((serial for port, serial in neighbours(data) if port == line.port), None)
        condition = Condition(presence=port_presence(data, line.port), detected_serial=detected)
        return Observation(port_settings(data, self._names(line)), condition)

    def apply(self, change: Change) -> None:
        """Commit a change for a while, read it back, and confirm it."""
        line, after = change.line, change.after
        if after is not None:
            self._check(after)
        self._session.change(
            port_edit(self._names(line), bare(change.before or {}) if after is None else after),
            lambda: shows(self.observe(line), after),
            persist_id=f"splice-{line.market}-{line.service_id}",
            back=lambda: self._way_back(line, after),
        )

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def _way_back(self, line: Line, after: Mapping[str, Setting | None] | None) -> str:
        before = self.observe(line).settings
        names = self._names(line)
        if before is None:
            return port_edit(names, bare({}))
        return port_edit(names, {word: before.get(word) for word in {*before, *(after or ())}})

    def _names(self, line: Line) -> PortNames:
        told = self._options
        return PortNames(line.port, self._bears, str(told.get("incoming", "up-")), str(told.get("outgoing", "down-")))

    def _check(self, after: Mapping[str, Setting | None]) -> None:
        unknown = sorted(word for word, value in after.items() if word not in CAPABILITIES.settings and value)
        if unknown:
            raise UnsafeToContinue(f"{self._name}: a port of a switch holds no {', '.join(unknown)}")
        if after.get("up_assured_mbps"):
            raise UnsafeToContinue(f"{self._name}: a port of a switch guarantees nothing: up_assured has to be 0")
