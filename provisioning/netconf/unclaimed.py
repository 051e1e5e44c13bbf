"""Terminals that an OLT sees and has no service for, as ``bbf-xpon-onu-state`` tells them."""

from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from canonical_model.identifiers import parse_ont_serial
from provisioning.line import FoundDevice
from provisioning.netconf.tr385 import CLAIMED_ELSEWHERE, NS, UNCLAIMED


def unclaimed_terminals(data: etree._Element, termination: str) -> Iterator[FoundDevice]:
    """Terminals without a ``v-ani``, or with one elsewhere.

    Args:
        data: the state of interfaces.
        termination: pattern for the name of a port's channel termination, with ``{port}``.
    """
    before, _, after = termination.partition("{port}")
    for interface in data.iterfind(".//if:interface", NS):
        port = interface.findtext("if:name", "", NS).removeprefix(before).removesuffix(after)
        for onu in interface.iterfind(".//onu:onu", NS):
            state = onu.findtext("onu:onu-presence-state", "", NS).strip().rpartition(":")[2]
            if state not in UNCLAIMED | CLAIMED_ELSEWHERE:
                continue
            since = onu.findtext("onu:onu-detected-datetime", None, NS)
            try:
                serial = parse_ont_serial(onu.findtext("onu:detected-serial-number", "", NS))
            except ValueError:
                continue  # one that is ranging still, or is none of ours
            yield FoundDevice(
                serial,
                port,
                None if since is None else datetime.fromisoformat(since),
                claimed=state in CLAIMED_ELSEWHERE,
            )
