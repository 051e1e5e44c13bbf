"""How vendors call the objects of a line on their OLTs: data, each name a pattern over the line.

A pattern may hold ``{port}``, ``{onu_id}``, ``{serial}``, ``{service}``, ``{down}``, ``{up}`` and ``{assured}``.
The patterns are ours, as vendors leave names to whoever configures; ``names`` under an element's options takes their
place. Whether a device has a candidate and a confirmed commit is no matter of its vendor: it announces it.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from provisioning.line import Line
from provisioning.netconf.optics import TRANSCEIVERS, XPON
from provisioning.netconf.tr385 import Names

_USUAL: Final[Mapping[str, str]] = {
    "partition": "channel-partition.{port}",
    "pair": "channel-pair.{port}",
    "termination": "channel-termination.{port}",
    "v_ani": "v-ani.{port}.{onu_id}",
    "v_enet": "olt-v-enet.{port}.{onu_id}",
    "sub_interface": "subscriber.{port}.{onu_id}",
    "tcont": "tcont.{port}.{onu_id}",
    "gemport": "gemport.{port}.{onu_id}",
    "traffic": "up-{assured}-{up}",
    "shaper": "down-{down}",
}

DIALECTS: Final[Mapping[str, Mapping[str, str]]] = {
    "tr385": _USUAL,
    "calix_axos": {**_USUAL, "v_ani": "ont.{port}.{onu_id}"},
    "adtran_sdx": {**_USUAL, "partition": "cpart {port}", "pair": "cpair {port}", "termination": "cterm {port}"},
    "nokia_lightspan": {**_USUAL, "partition": "CG_{port}.CPart", "pair": "CP_{port}", "termination": "CT_{port}"},
    "ciena_mcms": _USUAL,
}

LIGHT: Final[Mapping[str, str]] = {"tr385": XPON, "nokia_lightspan": TRANSCEIVERS}
"""The module that has ``rssi-onu``, where a source tells it: the standard's own; on Nokia's what others read there
bears the name of the module around it. Of the others nothing is known: SNMP reads their light."""


def names_of(variant: str, own: Mapping[str, str], line: Line, settings: Mapping[str, Any]) -> Names:
    """The names of a line's objects.

    Args:
        variant: a key of ``DIALECTS``.
        own: the operator's patterns, which take the place of the dialect's.
        line: that the objects are of.
        settings: of the access layer, for names that tell rates.

    Raises:
        KeyError: a pattern holds something that is not there.
    """
    told = {
        "port": line.port,
        "onu_id": line.onu_id,
        "serial": line.serial or "",
        "service": line.service_id,
        "down": settings.get("down_mbps", 0),
        "up": settings.get("up_mbps", 0),
        "assured": settings.get("up_assured_mbps", 0),
    }
    patterns = {**DIALECTS[variant], **own}
    return Names(**{each.name: patterns[each.name].format(**told) for each in fields(Names)})
