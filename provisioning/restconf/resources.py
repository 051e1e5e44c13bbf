"""A line's objects as resources of RESTCONF: paths and bodies of its edit, and a reading put together of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from lxml import etree

from provisioning.line import Line, Setting
from provisioning.netconf.tr385 import Names, desired
from provisioning.restconf.encoding import as_json, as_xml

INTERFACES: Final = "ietf-interfaces:interfaces"
STATES: Final = "ietf-interfaces:interfaces-state"
_CONTAINERS: Final = "bbf-xpongemtcont:xpongemtcont"


@dataclass(frozen=True, slots=True)
class Resource:
    """An entry of a list.

    Attributes:
        container: path of what holds the list.
        list: its name, the module before it.
        name: key of the entry.
        body: the entry itself, where it is to be written.
    """

    container: str
    list: str
    name: str
    body: Any = field(default=None, compare=False)

    @property
    def path(self) -> str:
        """Below the root of a datastore (RFC 8040, 3.5.3)."""
        module, _, name = self.list.partition(":")
        spelled = name if self.container.startswith(f"{module}:") else self.list
        return f"{self.container}/{spelled}={quote(self.name, safe='')}"


def interface(name: str, container: str = INTERFACES) -> Resource:
    """An interface, or its state."""
    return Resource(container, "ietf-interfaces:interface", name)


def contained(kind: str, name: str) -> Resource:
    """A container of upstream traffic, its flow or its profile."""
    return Resource(f"{_CONTAINERS}/{kind}s", f"bbf-xpongemtcont:{kind}", name)


def told_of(names: Names, line: Line, after: Mapping[str, Setting | None]) -> Iterator[Resource]:
    """The resources that make a line so, in the order in which they refer to each other."""
    edit = etree.fromstring(f"<edit>{desired(names, line, after)}</edit>")
    for top in edit:
        lists = [top] if etree.QName(top).localname == "interfaces" else list(top)
        for entry in (entry for each in lists for entry in each):
            kind, body = as_json(entry)
            name = str(body["name"])
            yield interface_or_contained(kind, name, body)


def interface_or_contained(kind: str, name: str, body: Any) -> Resource:
    """A resource with what is to be written."""
    local = kind.partition(":")[2]
    place = interface(name) if local == "interface" else contained(local, name)
    return Resource(place.container, place.list, name, body)


def taken_away(names: Names) -> tuple[Resource, ...]:
    """What goes with a line, in the order in which nothing refers to it any more; profiles are others' as well."""
    return (
        contained("gemport", names.gemport),
        contained("tcont", names.tcont),
        interface(names.sub_interface),
        interface(names.v_enet),
        interface(names.v_ani),
    )


def entry_of(body: Any, resource: Resource) -> dict[str, Any] | None:
    """The entry in an answer, which holds it as a list of one (RFC 8040, 4.3 and 4.5)."""
    held = body.get(resource.list) if isinstance(body, Mapping) else None
    found = held[0] if isinstance(held, list) and held else held
    return dict(found) if isinstance(found, Mapping) else None


def as_data(read: Mapping[Resource, Mapping[str, Any]]) -> etree._Element:
    """What was read, as NETCONF would have shown it."""
    data = etree.Element("data")
    for resource, body in read.items():
        steps = resource.container.split("/")
        nested: Any = {resource.list: [body]}
        for step in reversed(steps[1:]):
            nested = {step: nested}
        data.extend(as_xml(steps[0], nested))
    return data
