"""The light of a terminal as its OLT measures it: ``rssi-onu`` of the transceiver, by the terminal's serial.

TR-383 counts it in tenths of a dBm (bbf-hardware-transceivers-xpon). In which module a vendor has it is told by the
dialect, where a source tells it; the light of others is read by SNMP (``confirm_by`` in network.yaml).
"""

from decimal import Decimal
from typing import Final

from lxml import etree

from canonical_model.identifiers import parse_ont_serial
from canonical_model.network import OpticalPower

HARDWARE: Final = "urn:ietf:params:xml:ns:yang:ietf-hardware"
TRANSCEIVERS: Final = "urn:bbf:yang:bbf-hardware-transceivers"
XPON: Final = "urn:bbf:yang:bbf-hardware-transceivers-xpon"
_STEP_DB: Final = Decimal("0.1")
_DARKEST: Final = -500
"""Tenths of a dBm; what lies below it, or is no loss at all, stands for no reading."""


def light_filter(serial: str, module: str) -> str:
    """The subtree filter for the light of one terminal.

    Args:
        serial: of the terminal.
        module: namespace of the module that has ``rssi-onu``.
    """
    wanted = f'<rssi-onu xmlns="{module}"><detected-serial-number>{serial}</detected-serial-number></rssi-onu>'
    link = f'<transceiver-link xmlns="{TRANSCEIVERS}"><diagnostics>{wanted}</diagnostics></transceiver-link>'
    return f'<hardware-state xmlns="{HARDWARE}"><component>{link}</component></hardware-state>'


def light_in(data: etree._Element, serial: str, module: str) -> tuple[OpticalPower, ...]:
    """What the OLT receives from a terminal; empty where it has no reading."""
    for each in data.iterfind(f".//{{{module}}}rssi-onu"):
        told = each.findtext(f"{{{module}}}rssi", "").strip()
        if _is_of(each.findtext(f"{{{module}}}detected-serial-number", ""), serial) and told.lstrip("-").isdigit():
            raw = int(told)
            if _DARKEST < raw < 0:
                return (OpticalPower(raw * _STEP_DB, "olt_rx", raw, "dbm_tenth", _STEP_DB),)
    return ()


def _is_of(told: str, serial: str) -> bool:
    try:
        return parse_ont_serial(told) == serial
    except ValueError:
        return False
