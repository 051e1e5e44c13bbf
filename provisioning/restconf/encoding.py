"""The same models as JSON (RFC 7951): what is written as XML for NETCONF, said in RESTCONF's words, and back.

JSON tells lists, numbers and empty leaves apart, XML does not; so the few that our models have are listed here.
"""

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from provisioning.netconf.tr385 import NS

_MODULES: Final[Mapping[str, str]] = {namespace: namespace.rpartition(":")[2] for namespace in NS.values()}
_NAMESPACES: Final[Mapping[str, str]] = {module: namespace for namespace, module in _MODULES.items()}
_PREFIXES: Final[Mapping[str, str]] = {prefix: _MODULES[namespace] for prefix, namespace in NS.items()}

_KEYS: Final[Mapping[str, str]] = {
    "interface": "name",
    "rule": "name",
    "push-tag": "index",
    "traffic-descriptor-profile": "name",
    "tcont": "name",
    "gemport": "name",
    "onu": "detected-serial-number",
    "policy-profile": "name",
}
"""Key of each list; a leaf of the same name has no children and is none."""
_REPLACED: Final = frozenset({"rule"})
"""Lists whose entries are ours alone: nothing of an entry that stood there stays."""
_NUMBERS: Final = frozenset({"onu-id", "index", "vlan-id", "priority", "pop-tags"})
"""Integers of 32 bits and less; those of 64 are texts (RFC 7951, 6.1)."""
_BOOLEANS: Final = frozenset({"enabled"})
_EMPTY: Final = frozenset({"untagged"})
_IDENTITIES: Final = frozenset({"type"})


def as_json(element: etree._Element, within: str = "") -> tuple[str, Any]:
    """Name and value of an element; the name bears its module where that is another than of what is around it."""
    name = etree.QName(element)
    module = _MODULES[name.namespace or ""]
    spelled = name.localname if module == within else f"{module}:{name.localname}"
    if name.localname in _EMPTY:
        return spelled, [None]
    if not len(element) and name.localname not in ("egress-rewrite", "ingress-rewrite"):
        return spelled, _leaf(name.localname, (element.text or "").strip())
    held: dict[str, Any] = {}
    for child in element:
        key, value = as_json(child, module)
        if key.rpartition(":")[2] in _KEYS and isinstance(value, dict):
            held.setdefault(key, []).append(value)
        else:
            held[key] = value
    return spelled, held


def as_xml(name: str, value: Any, around: str = "") -> list[etree._Element]:
    """Elements of a name and its value; what stands in a module of others is left out."""
    module, _, local = name.rpartition(":")
    namespace = _NAMESPACES.get(module) if module else around
    if namespace is None:
        return []
    if isinstance(value, list) and local not in _EMPTY:
        return [each for one in value for each in as_xml(name, one, around)]
    element = etree.Element(f"{{{namespace}}}{local}", nsmap=NS)
    if isinstance(value, Mapping):
        for key, held in value.items():
            element.extend(as_xml(key, held, namespace))
    elif not isinstance(value, list) and value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return [element]


def merged(there: Any, ours: Any, name: str = "") -> Any:
    """What stands there with ours in it: leaves of ours take the place, all others stay."""
    if isinstance(there, dict) and isinstance(ours, dict):
        return {
            **there,
            **{key: merged(there.get(key), value, key.rpartition(":")[2]) for key, value in ours.items()},
        }
    if name in _KEYS and isinstance(there, list) and isinstance(ours, list):
        key = _KEYS[name]
        held = {each.get(key): each for each in there if isinstance(each, dict)}
        for each in ours:
            held[each.get(key)] = each if name in _REPLACED else merged(held.get(each.get(key)), each)
        return list(held.values())
    return ours


def _leaf(name: str, text: str) -> Any:
    if name in _NUMBERS:
        return int(text)
    if name in _BOOLEANS:
        return text == "true"
    if name in _IDENTITIES and ":" in text:
        prefix, _, identity = text.partition(":")
        return f"{_PREFIXES[prefix]}:{identity}"
    return text
