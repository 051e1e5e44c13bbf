"""What a SOAP answer says: the element inside its body, or a fault with its detail.

Stacks differ in the fault code that they give the same fault, so that only the detail element tells them apart.
"""

from dataclasses import dataclass

import requests
from lxml import etree

from connectors.soap.safe_xml import DoctypeError, NotXmlError, parse
from connectors.soap.xml_records import local_name

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
        said: the first few values of the detail.
    """

    content: etree._Element | None = None
    faults: tuple[str, ...] = ()
    code: str = ""
    said: str = ""


def told_by(response: requests.Response) -> Told | None:
    """What an answer says; None where it is no SOAP message, or one with a document type or entities."""
    try:
        content = content_of(parse(response.content, response.headers.get("Content-Type", "")))
    except (DoctypeError, NotXmlError):
        return None
    if content is None:
        return None
    return fault_told(content) if local_name(str(content.tag)) == "Fault" else Told(content)


def fault_told(fault: etree._Element) -> Told:
    """What a fault says, in SOAP 1.1 or 1.2."""
    parts = {local_name(str(node.tag)).lower(): node for node in fault}
    detail = [node for node in parts.get("detail", ()) if isinstance(node.tag, str)]
    code = next((code for code in _codes(parts) if code in SECURITY_FAULTS), "")
    names = tuple(local_name(str(node.tag)) for node in detail)
    said = (", ".join(_leaves(detail[0])) or "no more is said") if detail else ""
    return Told(None, names, code, said)


def content_of(envelope: etree._Element) -> etree._Element | None:
    """The element inside the body; None where there is no body, or an empty one."""
    bodies = [node for node in envelope if local_name(str(node.tag)) == "Body"]
    return bodies[0][0] if bodies and len(bodies[0]) else None


def _codes(parts: dict[str, etree._Element]) -> list[str]:
    """Fault codes without their prefix: the one of SOAP 1.1, or all values of SOAP 1.2."""
    places = [node for name, node in parts.items() if name in {"faultcode", "code"}]
    return [str(node.text or "").strip().rpartition(":")[2] for place in places for node in place.iter()]


def _leaves(node: etree._Element) -> list[str]:
    """The first few values of a typed fault, such as its code and the field it names."""
    leaves = [child for child in node.iter() if isinstance(child.tag, str) and not len(child) and child.text]
    return [f"{local_name(str(leaf.tag))} {str(leaf.text).strip()[:60]}" for leaf in leaves[:3]]
