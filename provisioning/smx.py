"""Calix SMx, the management of AXOS systems: our settings as its subscriber, ONT and service, and back; pure.

Everything hangs off the subscriber: the ONT names him, and the service names him and the ONT. Names of fields are
those of its northbound interface as others published their use of it. The number of a terminal on its PON is the
system's own matter there; ours stands in the ONT's description, for people as well as for reading it back. A tier is
a policy map that SMx has already.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from canonical_model.identifiers import parse_ont_serial
from canonical_model.network import OpticalPower, PowerSide
from provisioning.line import Condition, Line, Setting

_LEVELS: Final[tuple[tuple[str, PowerSide, Decimal], ...]] = (
    ("opt-signal-level", "ont_rx", Decimal("0.002")),
    ("ne-opt-signal-level", "olt_rx", Decimal("0.1")),
    ("tx-opt-level", "ont_tx", Decimal("0.002")),
)
"""Field, side and resolution in dB: an ONT measures in steps of 0.002 dB (ITU-T G.988, 9.2.1), an OLT in 0.1 dB."""
_UNIT: Final = "dbm_thousandth"
_DESCRIBED: Final = re.compile(r"onu (\d+)")
_PLACES: Final = ("down", "up", "assured")


@dataclass(frozen=True, slots=True)
class SmxNames:
    """How things are called.

    Attributes:
        organization: that subscribers belong to.
        device: the OLT's name in SMx.
        port: of the ONT that carries the service, ``g1`` or ``x1``.
        model: profile of the ONT.
        service: name of the service.
        policy: pattern for the name of a tier's policy map: ``{down}``, ``{up}``, ``{assured}``, in Mbit/s.
    """

    organization: str
    device: str
    port: str
    model: str
    service: str
    policy: str


def subscriber_of(names: SmxNames, line: Line) -> dict[str, Any]:
    """The subscriber of a line; name and id are the service's number."""
    return {"name": line.service_id, "customId": line.service_id, "orgId": names.organization}


def ont_of(names: SmxNames, line: Line, after: Mapping[str, Setting | None]) -> dict[str, Any]:
    """The ONT of a line as it shall be."""
    return {
        "ont-id": line.service_id,
        "ont-type": "Residential",
        "isGlobalOnt": False,
        "serial-number": after.get("serial"),
        "ont-profile-id": names.model,
        "subscriber-id": line.service_id,
        "description": f"{line.port} onu {after.get('onu_id')}",
    }


def service_of(names: SmxNames, line: Line, after: Mapping[str, Setting | None]) -> dict[str, Any]:
    """The data service of a line as it shall be; whether it is paused is told apart."""
    rates = (after.get("down_mbps"), after.get("up_mbps"), after.get("up_assured_mbps") or 0)
    body = {
        "serviceType": "DATA_SERVICE",
        "service-name": names.service,
        "device-name": names.device,
        "ont-id": line.service_id,
        "ont-port-id": names.port,
        "subscriber-id": line.service_id,
        "admin-state": "enabled",
        "vlan": after.get("outer_vlan"),
        "cTag": after.get("inner_vlan"),
        "policy-map": names.policy.format(**dict(zip(_PLACES, rates, strict=True))),
    }
    return {name: value for name, value in body.items() if value is not None}


def settings_shown(
    names: SmxNames, ont: Mapping[str, Any] | None, service: Mapping[str, Any] | None
) -> dict[str, Setting] | None:
    """The settings that SMx shows of a line; None where it has no ONT for it."""
    if ont is None:
        return None
    numbered = _DESCRIBED.search(str(ont.get("description") or ""))
    found: dict[str, Setting | None] = {
        "serial": _serial(ont.get("serial-number")),
        "onu_id": None if numbered is None else int(numbered[1]),
        "enabled": False,
    }
    if service is not None:
        found["enabled"] = service.get("admin-status") == "active"
        found["outer_vlan"], found["inner_vlan"] = _number(service.get("vlan")), _number(service.get("cTag"))
        found |= _rates(names.policy, str(service.get("policy-map") or ""))
    return {word: value for word, value in found.items() if value is not None}


def condition_shown(status: Mapping[str, Any] | None, port: str) -> Condition:
    """What the OLT itself says of an ONT just now; ``linked-pon`` is the port on which it is ranged."""
    if status is None:
        return Condition(presence="absent")
    linked = status.get("linked-pon")
    return Condition(
        presence="absent" if not linked else "present" if linked == port else "elsewhere",
        detected_serial=_serial(status.get("serial-number")) if linked else None,
        powers=tuple(_powers(status)) if linked else (),
    )


def _powers(status: Mapping[str, Any]) -> list[OpticalPower]:
    found = []
    for name, side, resolution in _LEVELS:
        try:
            level = Decimal(str(status.get(name)))
        except InvalidOperation:
            continue
        if level.is_finite() and level != 0:
            found.append(OpticalPower(level, side, int(level * 1000), _UNIT, resolution))
    return found


def _rates(pattern: str, policy: str) -> dict[str, Setting | None]:
    spelled = re.escape(pattern)
    for place in _PLACES:
        spelled = spelled.replace(re.escape("{" + place + "}"), rf"(?P<{place}>\d+)", 1)
    told = re.fullmatch(spelled, policy)
    if told is None:
        return {}
    words = {"down": "down_mbps", "up": "up_mbps", "assured": "up_assured_mbps"}
    return {words[place]: int(number) for place, number in told.groupdict().items()}


def _serial(told: object) -> str | None:
    try:
        return parse_ont_serial(told)
    except ValueError:
        return None


def _number(told: object) -> int | None:
    return int(str(told)) if str(told).isdigit() else None
