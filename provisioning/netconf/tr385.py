"""A subscriber's line on an OLT in the models of Broadband Forum TR-385: our settings as XML, and back.

A line is six objects: the terminal as the OLT knows it (``v-ani``), its Ethernet side (``olt-v-enet``), a VLAN on top
of that (``vlan-sub-interface``), the profile of its upstream bandwidth, the container that has it (``tcont``) and the
flow that fills it (``gemport``). What goes down is shaped by a policy profile that the OLT has already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from provisioning.line import Line, Presence, Setting

NS: Final = {
    "if": "urn:ietf:params:xml:ns:yang:ietf-interfaces",
    "ift": "urn:bbf:yang:bbf-if-type",
    "xift": "urn:bbf:yang:bbf-xpon-if-type",
    "xpon": "urn:bbf:yang:bbf-xpon",
    "vani": "urn:bbf:yang:bbf-xponvani",
    "onu": "urn:bbf:yang:bbf-xpon-onu-state",
    "gem": "urn:bbf:yang:bbf-xpongemtcont",
    "sub": "urn:bbf:yang:bbf-sub-interfaces",
    "tag": "urn:bbf:yang:bbf-sub-interface-tagging",
    "qos": "urn:bbf:yang:bbf-qos-policies",
}
_NC: Final = "urn:ietf:params:xml:ns:netconf:base:1.0"
_BITS: Final = 1_000_000

PRESENCES: Final[Mapping[str, Presence]] = {
    "onu-present-and-on-intended-channel-termination": "present",
    "onu-present-and-v-ani-known-but-intended-ct-unknown": "elsewhere",
    "onu-present-and-v-ani-known-and-o5-failed": "failed",
    "onu-present-and-emergency-stopped": "failed",
    "onu-not-present-with-v-ani": "absent",
    "onu-not-present-without-v-ani": "absent",
}
"""``onu-presence-state`` of a terminal that the OLT has a ``v-ani`` for; any other is told as nothing."""

UNCLAIMED: Final = frozenset(
    {"onu-present-and-no-v-ani-known-and-unclaimed", "onu-present-and-no-v-ani-known-and-in-o5"}
)
CLAIMED_ELSEWHERE: Final = frozenset({"onu-present-and-v-ani-known-but-intended-ct-unknown"})


@dataclass(frozen=True, slots=True)
class Names:
    """How the objects of a line are called on an OLT.

    Attributes:
        termination: the interface of the port on which terminals are seen.
        shaper: the policy profile for what goes down, which the OLT has already.
    """

    partition: str
    pair: str
    termination: str
    v_ani: str
    v_enet: str
    sub_interface: str
    tcont: str
    gemport: str
    traffic: str
    shaper: str


def desired(names: Names, line: Line, after: Mapping[str, Setting | None]) -> str:
    """The edit that makes a line so; the ONT's number and the serial are those of the settings.

    Args:
        names: of its objects.
        line: that is told of.
        after: all settings of the access layer (``provisioning.standing.ACCESS_WORDS``).
    """
    nc = ElementMaker(namespace=_NC, nsmap={"nc": _NC})
    interfaces = _interfaces(names, line, after)
    gem = _make("gem")
    traffic = gem(
        "traffic-descriptor-profile",
        gem("name", names.traffic),
        gem("assured-bandwidth", _bits(after.get("up_assured_mbps") or 0)),
        gem("maximum-bandwidth", _bits(after.get("up_mbps") or 0)),
    )
    containers = gem(
        "xpongemtcont",
        gem("traffic-descriptor-profiles", traffic),
        gem(
            "tconts",
            gem(
                "tcont",
                gem("name", names.tcont),
                gem("interface-reference", names.v_ani),
                gem("traffic-descriptor-profile-ref", names.traffic),
            ),
        ),
        gem(
            "gemports",
            gem(
                "gemport",
                gem("name", names.gemport),
                gem("interface", names.v_enet),
                gem("tcont-ref", names.tcont),
            ),
        ),
    )
    return _text(nc("x", interfaces, containers))


def removed(names: Names) -> str:
    """The edit that takes a line away; deleting what is not there is allowed."""
    nc = ElementMaker(namespace=_NC, nsmap={"nc": _NC})
    inf, gem = _make("if"), _make("gem")
    gone = {f"{{{_NC}}}operation": "remove"}
    interfaces = inf(
        "interfaces",
        *(inf("interface", inf("name", each), gone) for each in (names.sub_interface, names.v_enet, names.v_ani)),
    )
    containers = gem(
        "xpongemtcont",
        gem("tconts", gem("tcont", gem("name", names.tcont), gone)),
        gem("gemports", gem("gemport", gem("name", names.gemport), gone)),
    )
    return _text(nc("x", containers, interfaces))


def filter_of(names: Names) -> str:
    """The subtree filter for the objects of a line, and for what the OLT sees of it."""
    nc = ElementMaker(namespace=_NC, nsmap={"nc": _NC})
    inf, gem = _make("if"), _make("gem")
    wanted = (names.v_ani, names.v_enet, names.sub_interface)
    return _text(
        nc(
            "x",
            inf("interfaces", *(inf("interface", inf("name", each)) for each in wanted)),
            inf("interfaces-state", inf("interface", inf("name", names.v_ani))),
            gem(
                "xpongemtcont",
                gem("traffic-descriptor-profiles"),
                gem("tconts", gem("tcont", gem("name", names.tcont))),
                gem("gemports", gem("gemport", gem("name", names.gemport))),
            ),
        )
    )


def settings_in(data: etree._Element, names: Names) -> dict[str, Setting] | None:
    """The settings that an OLT shows of a line; None where it has no terminal for it.

    What is there only in part shows as the settings that are there.
    """
    v_ani = _interface(data, names.v_ani)
    if v_ani is None:
        return None
    found: dict[str, Setting | None] = {
        "serial": _value(v_ani, "vani:v-ani/vani:expected-serial-number"),
        "onu_id": _number(v_ani, "vani:v-ani/vani:onu-id"),
        "enabled": _value(v_ani, "if:enabled") != "false",
    }
    sub = _interface(data, names.sub_interface)
    if sub is not None and _interface(data, names.v_enet) is not None:
        pushed = "sub:inline-frame-processing/sub:ingress-rule/sub:rule/sub:ingress-rewrite/tag:push-tag"
        tags = {_number(tag, "tag:index"): _number(tag, "tag:dot1q-tag/tag:vlan-id") for tag in _all(sub, pushed)}
        found |= {"outer_vlan": tags.get(0), "inner_vlan": tags.get(1)}
        found["down_mbps"] = _trailing_number(_value(sub, "qos:egress-qos-policy-profile"))
    found |= _upstream(data, names)
    return {name: value for name, value in found.items() if value is not None}


def presence_in(data: etree._Element, names: Names) -> tuple[Presence | None, str | None]:
    """Whether the OLT sees the terminal of a line, and the serial that it reads from it."""
    states = _all(data, ".//if:interfaces-state/if:interface")
    state = next((each for each in states if _value(each, "if:name") == names.v_ani), None)
    if state is None:
        return None, None
    told = (_value(state, "vani:v-ani/vani:onu-presence-state") or "").rpartition(":")[2]
    return PRESENCES.get(told), _value(state, "vani:v-ani/vani:onu-present-on-this-olt/vani:detected-serial-number")


def _upstream(data: etree._Element, names: Names) -> dict[str, Setting | None]:
    tconts = _all(data, ".//gem:tconts/gem:tcont")
    tcont = next((each for each in tconts if _value(each, "gem:name") == names.tcont), None)
    gemports = _all(data, ".//gem:gemports/gem:gemport")
    if tcont is None or not any(_value(each, "gem:name") == names.gemport for each in gemports):
        return {}
    wanted = _value(tcont, "gem:traffic-descriptor-profile-ref")
    for profile in _all(data, ".//gem:traffic-descriptor-profile"):
        if _value(profile, "gem:name") == wanted:
            return {
                "up_mbps": _mbps(_number(profile, "gem:maximum-bandwidth")),
                "up_assured_mbps": _mbps(_number(profile, "gem:assured-bandwidth") or 0),
            }
    return {}


def _interfaces(names: Names, line: Line, after: Mapping[str, Setting | None]) -> etree._Element:
    inf, vani, sub, tag, qos = (_make(prefix) for prefix in ("if", "vani", "sub", "tag", "qos"))
    enabled = "true" if after.get("enabled") else "false"
    v_ani = inf(
        "interface",
        inf("name", names.v_ani),
        inf("description", line.service_id),
        inf("type", "xift:v-ani"),
        inf("enabled", enabled),
        vani(
            "v-ani",
            vani("onu-id", str(after.get("onu_id"))),
            vani("channel-partition", names.partition),
            vani("expected-serial-number", str(after.get("serial"))),
            vani("preferred-channel-pair", names.pair),
        ),
    )
    v_enet = inf(
        "interface",
        inf("name", names.v_enet),
        inf("type", "xift:olt-v-enet"),
        vani("olt-v-enet", vani("lower-layer-interface", names.v_ani)),
    )
    tags = [after[name] for name in ("outer_vlan", "inner_vlan") if after.get(name) is not None]
    pushed = [
        tag("push-tag", tag("index", str(place)), tag("dot1q-tag", tag("vlan-id", str(vlan))))
        for place, vlan in enumerate(tags)
    ]
    replace = {f"{{{_NC}}}operation": "replace"}
    rule = sub(
        "rule",
        replace,
        sub("name", "subscriber"),
        sub("priority", "100"),
        sub("flexible-match", tag("match-criteria", tag("untagged"))),
        sub("ingress-rewrite", tag("pop-tags", "0"), *pushed),
    )
    sub_interface = inf(
        "interface",
        inf("name", names.sub_interface),
        inf("type", "ift:vlan-sub-interface"),
        sub("subif-lower-layer", sub("interface", names.v_enet)),
        sub(
            "inline-frame-processing",
            sub("ingress-rule", rule),
            sub("egress-rewrite", tag("pop-tags", str(len(tags)))),
        ),
        qos("egress-qos-policy-profile", names.shaper),
    )
    return inf("interfaces", v_ani, v_enet, sub_interface)


def _make(prefix: str) -> ElementMaker:
    return ElementMaker(namespace=NS[prefix], nsmap={**NS, "nc": _NC})


def _text(holder: etree._Element) -> str:
    return "".join(etree.tostring(child, encoding="unicode") for child in holder)


def _interface(data: etree._Element, name: str) -> etree._Element | None:
    found = _all(data, ".//if:interfaces/if:interface")
    return next((each for each in found if _value(each, "if:name") == name), None)


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return list(element.iterfind(path, NS))


def _value(element: etree._Element, path: str) -> str | None:
    text = element.findtext(path, namespaces=NS)
    return text.strip() if text else None


def _number(element: etree._Element, path: str) -> int | None:
    text = _value(element, path)
    return int(text) if text else None


def _trailing_number(text: str | None) -> int | None:
    digits = "" if text is None else text.rpartition("-")[2]
    return int(digits) if digits.isdigit() else None


def _bits(mbps: Setting) -> str:
    return str(int(mbps) * _BITS)


def _mbps(bits: int | None) -> int | None:
    return None if bits is None else bits // _BITS
