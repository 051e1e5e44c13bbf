"""What a SOAP answer says: the element inside its body, or a fault with its detail.

Stacks differ in the fault code that they give the same fault, so that only the detail element tells them apart.
"""

from dataclasses import dataclass
from typing import Any

import requests
from lxml import etree

from canonical_model.errors import UnsafeToContinue
from connectors.soap.encoding import plain
from connectors.soap.safe_xml import DoctypeError, NotXmlError, parse
from connectors.soap.xml_records import OWN_TYPE, local_name

SECURITY_FAULTS = frozenset(  # WS-Security 1.0 and 1.1, section 12; they carry no detail element
    {
        "UnsupportedSecurityToken",
        "UnsupportedAlgorithm",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "FailedAuthentication",
        "FailedCheck",
        "SecurityTokenUnavailable",
        "MessageExpired",
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer.

    Attributes:
        content: the element inside the body; None for a fault.
        faults: names of the fault's detail elements.
        code: its code, of those that WS-Security knows; empty for any other.
        codes: all its codes, without prefix.
        said: the first few values of the detail.
    """

    content: etree._Element | None = None
    faults: tuple[str, ...] = ()
    code: str = ""
    said: str = ""
    codes: tuple[str, ...] = ()


def told_by(response: requests.Response, encoded: Any = None) -> Told | None:
    """What an answer says; None where it is no SOAP message, or one that nobody should read.

    Args:
        response: the answer.
        encoded: type of its body where it is encoded (``encoding.plain``).
    """
    try:
        envelope = parse(response.content, response.headers.get("Content-Type", ""))
        if encoded is not None:
            plain(envelope, encoded)
    except (DoctypeError, NotXmlError, UnsafeToContinue):
        return None
    content = content_of(envelope)
    if content is None:
        return None
    return fault_told(content) if local_name(str(content.tag)) == "Fault" else Told(content)


def fault_told(fault: etree._Element) -> Told:
    """What a fault says, in SOAP 1.1 or 1.2."""
    parts = {local_name(str(node.tag)).lower(): node for node in fault}
    detail = [node for node in parts.get("detail", ()) if isinstance(node.tag, str)]
    codes = tuple(code for code in _codes(parts) if code)
    names = tuple(name for node in detail for name in _names(node))
    said = (", ".join(_leaves(detail[0])) or "no more is said") if detail else ""
    return Told(None, names, next((code for code in codes if code in SECURITY_FAULTS), ""), said, codes)


def content_of(envelope: etree._Element) -> etree._Element | None:
    """The element inside the body; None where there is no body, or an empty one."""
    bodies = [node for node in envelope if local_name(str(node.tag)) == "Body"]
    return bodies[0][0] if bodies and len(bodies[0]) else None


def _names(detail: etree._Element) -> tuple[str, ...]:
    """The type of a detail element where it says so, which encoded stacks name alone, and what it is called."""
    own = (detail.get(OWN_TYPE) or "").rpartition(":")[2]
    return (own, local_name(str(detail.tag))) if own else (local_name(str(detail.tag)),)


def _codes(parts: dict[str, etree._Element]) -> list[str]:
    """Fault codes without their prefix: the one of SOAP 1.1, or all values of SOAP 1.2."""
    places = [node for name, node in parts.items() if name in {"faultcode", "code"}]
    return [str(node.text or "").strip().rpartition(":")[2] for place in places for node in place.iter()]


def _leaves(node: etree._Element) -> list[str]:
    """The first few values of a typed fault, such as its code and the field it names."""
    leaves = [child for child in node.iter() if isinstance(child.tag, str) and not len(child) and child.text]
    return [f"{local_name(str(leaf.tag))} {str(leaf.text).strip()[:60]}" for leaf in leaves[:3]]
