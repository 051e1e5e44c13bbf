"""A subscriber's port on an Ethernet switch: our settings as XML, and back.

The port is enabled and named in ``ietf-interfaces`` (RFC 8343), its tag is the access VLAN of ``openconfig-vlan``,
and its rates are scheduler policies of ``openconfig-qos`` that the switch has already: one for what comes in from
the subscriber, one for what goes out to him. What is at the other end is told by ``openconfig-lldp``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from canonical_model.identifiers import parse_device_serial
from provisioning.line import Presence, Setting

NS: Final = {
    "if": "urn:ietf:params:xml:ns:yang:ietf-interfaces",
    "oci": "http://openconfig.net/yang/interfaces",
    "eth": "http://openconfig.net/yang/interfaces/ethernet",
    "vlan": "http://openconfig.net/yang/vlan",
    "qos": "http://openconfig.net/yang/qos",
    "lldp": "http://openconfig.net/yang/lldp",
}
_NC: Final = "urn:ietf:params:xml:ns:netconf:base:1.0"
_REMOVED: Final = {f"{{{_NC}}}operation": "remove"}
_VLAN: Final = "eth:ethernet/vlan:switched-vlan/vlan:config/"
_PRESENCES: Final[Mapping[str, Presence]] = {"up": "present", "down": "absent"}


@dataclass(frozen=True, slots=True)
class PortNames:
    """What a port and its policies are called.

    Attributes:
        port: the interface, the same in all models.
        bears: what stands before the serial of the subscriber's device in the port's description.
        incoming: policy for what comes in from the subscriber, a pattern that ends with the Mbit/s.
        outgoing: likewise for what goes out.
    """

    port: str
    bears: str
    incoming: str
    outgoing: str


def port_edit(names: PortNames, after: Mapping[str, Setting | None]) -> str:
    """The edit that makes a port so; what is None is taken off it, what is not named stays.

    Args:
        names: of the port and its policies.
        after: settings by their words (``provisioning.standing.ACCESS_WORDS``).
    """
    inf, oci, eth, vlan, qos = (_make(prefix) for prefix in ("if", "oci", "eth", "vlan", "qos"))
    serial, tag = after.get("serial"), after.get("outer_vlan")
    port = [inf("name", names.port)]
    if "serial" in after:
        port.append(inf("description", *((_REMOVED,) if serial is None else (f"{names.bears}{serial}",))))
    if "enabled" in after:
        port.append(inf("enabled", "true" if after["enabled"] else "false"))
    parts = [inf("interfaces", inf("interface", *port))]
    if "outer_vlan" in after:
        held = (
            (vlan("interface-mode", _REMOVED), vlan("access-vlan", _REMOVED))
            if tag is None
            else (vlan("interface-mode", "ACCESS"), vlan("access-vlan", str(tag)))
        )
        switched = eth("ethernet", vlan("switched-vlan", vlan("config", *held)))
        parts.append(oci("interfaces", oci("interface", oci("name", names.port), switched)))
    policies = [
        qos(side, qos("scheduler-policy", qos("config", _policy(qos, pattern, after[word]))))
        for side, pattern, word in (("input", names.incoming, "up_mbps"), ("output", names.outgoing, "down_mbps"))
        if word in after
    ]
    if policies:
        place = qos("interface", qos("interface-id", names.port), *policies)
        parts.append(qos("qos", qos("interfaces", place)))
    return "".join(etree.tostring(part, encoding="unicode") for part in parts)


def bare(before: Mapping[str, Setting | None]) -> dict[str, Setting | None]:
    """The settings of a port that carries no service: shut, and nothing of ours on it."""
    return {**dict.fromkeys(("serial", "outer_vlan", "up_mbps", "down_mbps", *before)), "enabled": False}


def port_filter(port: str | None) -> str:
    """The subtree filter for a port, or for all ports, with what the switch sees at its other end."""
    inf, oci, qos, lldp = (_make(prefix) for prefix in ("if", "oci", "qos", "lldp"))

    def one(make: ElementMaker, key: str = "name") -> etree._Element:
        return make("interface", *(() if port is None else (make(key, port),)))

    parts = (
        inf("interfaces", one(inf)),
        inf("interfaces-state", one(inf)),
        oci("interfaces", one(oci)),
        qos("qos", qos("interfaces", one(qos, "interface-id"))),
        lldp("lldp", lldp("interfaces", one(lldp))),
    )
    return "".join(etree.tostring(part, encoding="unicode") for part in parts)


def port_settings(data: etree._Element, names: PortNames) -> dict[str, Setting] | None:
    """The settings that a switch shows of a port; None where it is shut and bears nothing of a service."""
    own = _named(data, ".//if:interfaces/if:interface", "if:name", names.port)
    if own is None:
        return None
    served = _named(data, ".//oci:interfaces/oci:interface", "oci:name", names.port)
    found: dict[str, Setting | None] = {"serial": borne(own, names.bears)}
    if served is not None:
        tag = _value(served, f"{_VLAN}vlan:access-vlan")
        found["outer_vlan"] = None if tag is None else int(tag)
    limited = _named(data, ".//qos:interfaces/qos:interface", "qos:interface-id", names.port)
    if limited is not None:
        for side, pattern, word in (("input", names.incoming, "up_mbps"), ("output", names.outgoing, "down_mbps")):
            name = _value(limited, f"qos:{side}/qos:scheduler-policy/qos:config/qos:name")
            found[word] = _rate(name, pattern)
    if found.get("up_mbps") is not None:
        found["up_assured_mbps"] = 0  # a policer lets through and guarantees nothing
    enabled = _value(own, "if:enabled") != "false"
    shown = {word: value for word, value in found.items() if value is not None}
    return {**shown, "enabled": enabled} if shown or enabled else None


def port_presence(data: etree._Element, port: str) -> Presence | None:
    """Whether the port has a link."""
    state = _named(data, ".//if:interfaces-state/if:interface", "if:name", port)
    return None if state is None else _PRESENCES.get(_value(state, "if:oper-status") or "")


def neighbours(data: etree._Element) -> Iterator[tuple[str, str]]:
    """Port and serial of every device that tells itself by LLDP; one whose chassis id is no serial is passed over."""
    for place in data.iterfind(".//lldp:lldp/lldp:interfaces/lldp:interface", NS):
        for each in place.iterfind(".//lldp:neighbor/lldp:state/lldp:chassis-id", NS):
            try:
                yield _value(place, "lldp:name") or "", parse_device_serial(each.text)
            except ValueError:
                continue


def borne_by_ports(data: etree._Element, bears: str) -> dict[str, str]:
    """Port by the serial that its description bears."""
    ports = data.iterfind(".//if:interfaces/if:interface", NS)
    return {serial: _value(port, "if:name") or "" for port in ports if (serial := borne(port, bears)) is not None}


def borne(port: etree._Element, bears: str) -> str | None:
    """The serial in a port's description; None where it bears none."""
    told = _value(port, "if:description") or ""
    try:
        return parse_device_serial(told.removeprefix(bears)) if told.startswith(bears) else None
    except ValueError:
        return None


def _policy(qos: ElementMaker, pattern: str, rate: Setting | None) -> etree._Element:
    return qos("name", _REMOVED) if rate is None else qos("name", f"{pattern}{rate}")


def _rate(name: str | None, pattern: str) -> int | None:
    digits = "" if name is None or not name.startswith(pattern) else name.removeprefix(pattern)
    return int(digits) if digits.isdigit() else None


def _make(prefix: str) -> ElementMaker:
    return ElementMaker(namespace=NS[prefix], nsmap={None: NS[prefix], "nc": _NC})


def _named(data: etree._Element, path: str, key: str, name: str) -> etree._Element | None:
    return next((each for each in data.iterfind(path, NS) if _value(each, key) == name), None)


def _value(element: etree._Element, path: str) -> str | None:
    text = element.findtext(path, namespaces=NS)
    return text.strip() if text else None
